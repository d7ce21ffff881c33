using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Pairing.Session.Window;

/// <summary>
/// Where a frame is kept, and all that was kept up to and with it, so that any range is summed by one subtraction. The sums wrap: what a
/// window keeps at a time is far below 2^32. A record is small, because one is written for every frame, and read much later.
/// </summary>
internal struct FrameRecord
{
    public int Offset;
    public int Length;
    public uint CommandsThrough;
    public uint BytesThrough;
}

/// <summary>Records of the frames in a window by their ordinal. Grows to what is needed, and gives memory back once it is empty.</summary>
internal struct FrameRing
{
    private const int SmallestCapacity = 64;
    private const int CapacityToKeep = 256;

    private FrameRecord[]? _records;
    private int _mask;

    /// <summary>The record of an ordinal that is in the window.</summary>
    public readonly ref FrameRecord this[long ordinal]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _records![(int)ordinal & _mask];
    }

    /// <summary>Makes room for the record of <paramref name="tail"/>, where those from <paramref name="head"/> on are in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EnsureRoom(long head, long tail)
    {
        if (_records is null || (int)(tail - head) > _mask)
        {
            Grow(head, tail);
        }
    }

    /// <summary>Gives the memory back unless it is little. Only while no record is in use.</summary>
    public void Trim()
    {
        if (_mask >= CapacityToKeep)
        {
            Release();
        }
    }

    /// <summary>Gives the memory back. Only while no record is in use.</summary>
    public void Release()
    {
        if (_records is not null)
        {
            ArrayPool<FrameRecord>.Shared.Return(_records);
            (_records, _mask) = (null, 0);
        }
    }

    private void Grow(long head, long tail)
    {
        var capacity = _records is null ? SmallestCapacity : (_mask + 1) * 2;
        var larger = ArrayPool<FrameRecord>.Shared.Rent(capacity);
        var mask = (1 << BitOperations.Log2((uint)larger.Length)) - 1;
        for (var ordinal = head; ordinal < tail; ordinal++)
        {
            larger[(int)ordinal & mask] = this[ordinal];
        }

        Release();
        (_records, _mask) = (larger, mask);
    }
}
