using System.Buffers;

namespace Dvs.Proxy.Pairing.Session;

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

/// <summary>The chunks of a window, oldest first; their memory comes from a pool and goes back as soon as it is removed.</summary>
internal struct ChunkQueue(ArrayPool<byte> pool)
{
    private Chunk[] _chunks = new Chunk[4];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Bytes of pooled memory held.</summary>
    public long Capacity { get; private set; }

    /// <summary>A chunk by its place, 0 for the oldest.</summary>
    public readonly ref Chunk this[int index] => ref _chunks[(_head + index) & (_chunks.Length - 1)];

    public readonly ref Chunk Last => ref this[Count - 1];

    public void Add(int size, long firstFrame)
    {
        if (Count == _chunks.Length)
        {
            Grow();
        }

        Count++;
        var memory = pool.Rent(size);
        Capacity += memory.Length;
        Last = new Chunk { Memory = memory, FirstFrame = firstFrame };
    }

    public void RemoveFirst()
    {
        ref var chunk = ref this[0];
        Capacity -= chunk.Memory.Length;
        pool.Return(chunk.Memory);
        chunk = default;
        _head = (_head + 1) & (_chunks.Length - 1);
        Count--;
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
