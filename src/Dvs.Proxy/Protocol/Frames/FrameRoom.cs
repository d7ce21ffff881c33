using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>What is left of the memory that a sink gave out. As <see cref="Memory{T}"/>, but its span costs next to nothing where the memory is an array: it is
/// asked for twice for every command.</summary>
internal struct FrameRoom
{
    private readonly Memory<byte> _memory;
    private readonly byte[]? _array;
    private int _start;

    public FrameRoom(Memory<byte> memory)
    {
        _memory = memory;
        Length = memory.Length;
        if (MemoryMarshal.TryGetArray<byte>(memory, out var segment))
        {
            (_array, _start) = (segment.Array, segment.Offset);
        }
    }

    /// <summary>Bytes left.</summary>
    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == 0;

    /// <summary>The room.</summary>
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _array is not null
            ? MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_array), _start), Length)
            : _memory.Span[_start..];
    }

    /// <summary>The first bytes are used.</summary>
    public void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)Length, nameof(bytes));
        _start += bytes;
        Length -= bytes;
    }
}
