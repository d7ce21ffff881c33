using System.Buffers;
using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>A piece of memory that frames lie in, one behind the other.</summary>
internal struct Chunk
{
    public byte[] Memory;

    /// <summary>Bytes with content.</summary>
    public int Written;

    /// <summary>Ordinal of the first frame that begins here.</summary>
    public long FirstFrame;

    public readonly int Free => Memory.Length - Written;
}

/// <summary>
/// The chunks of a window, oldest first. Their memory comes from a pool and goes back when they are removed, but for two that are set aside
/// until <see cref="ReturnSpares"/>: under load the next one is needed at once, and with many pairs the pool would not always have one.
/// </summary>
internal struct ChunkQueue(ArrayPool<byte> pool)
{
    private Chunk[] _chunks = new Chunk[4];
    private int _head;
    private byte[]? _spare;
    private byte[]? _otherSpare;

    public int Count { get; private set; }

    /// <summary>Bytes of pooled memory held.</summary>
    public long Capacity { get; private set; }

    /// <summary>A chunk by its place, 0 for the oldest.</summary>
    public readonly ref Chunk this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[(_head + index) & (_chunks.Length - 1)];
    }

    public readonly ref Chunk Last
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref this[Count - 1];
    }

    public void Add(int size, long firstFrame)
    {
        if (Count == _chunks.Length)
        {
            Grow();
        }

        Count++;
        var memory = TakeSpare(size);
        if (memory is null)
        {
            memory = pool.Rent(size);
            Capacity += memory.Length;
        }

        Last = new Chunk { Memory = memory, FirstFrame = firstFrame };
    }

    public void RemoveFirst()
    {
        ref var chunk = ref this[0];
        var memory = chunk.Memory;
        chunk = default;
        _head = (_head + 1) & (_chunks.Length - 1);
        Count--;
        if (_spare is null)
        {
            _spare = memory;
        }
        else if (_otherSpare is null)
        {
            _otherSpare = memory;
        }
        else
        {
            Return(memory);
        }
    }

    /// <summary>Gives back what was set aside, for when nothing is needed soon.</summary>
    public void ReturnSpares()
    {
        if (_otherSpare is not null)
        {
            Return(_otherSpare);
            _otherSpare = null;
        }

        if (_spare is not null)
        {
            Return(_spare);
            _spare = null;
        }
    }

    private byte[]? TakeSpare(int size)
    {
        var memory = _otherSpare ?? _spare;
        if (memory is null || memory.Length < size)
        {
            return null;
        }

        if (_otherSpare is not null)
        {
            _otherSpare = null;
        }
        else
        {
            _spare = null;
        }

        return memory;
    }

    private void Return(byte[] memory)
    {
        Capacity -= memory.Length;
        pool.Return(memory);
    }

    private void Grow()
    {
        var larger = new Chunk[_chunks.Length * 2];
        for (var index = 0; index < Count; index++)
        {
            larger[index] = this[index];
        }

        (_chunks, _head) = (larger, 0);
    }
}
