using System.Runtime.CompilerServices;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages.Fields;

/// <summary>
/// Walks the fields of a message body as C lays them out: each behind the one before, aligned to its own size, where longs and pointers are 8 bytes
/// under LP64 and 4 under ILP32. The one place that knows the layout of the message forms. Behaviour: LayoutTests, VectorFrameTests.
/// </summary>
internal struct BodyCursor(DataModel model)
{
    private int _end;

    /// <summary>Whether longs and pointers are 8 bytes.</summary>
    public readonly bool IsLp64 => model == DataModel.Lp64;

    /// <summary>Moves behind the next field of <paramref name="size"/> bytes.</summary>
    /// <returns>Offset of the field in the body.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int size)
    {
        var offset = (_end + size - 1) & -size;
        _end = offset + size;
        return offset;
    }

    /// <summary>Moves behind the next char array, which is not aligned.</summary>
    /// <returns>Offset of the array in the body.</returns>
    public int NextBytes(int length)
    {
        var offset = _end;
        _end += length;
        return offset;
    }
}
