using System.Collections.Concurrent;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Device.Kernel.Records;

/// <summary>
/// Room for names at addresses below 2 GiB. A remote bind passes the address of the name in a field that is a C <c>int</c>, in both data
/// models: an ordinary address of a 64-bit process does not fit. Thread-safe.
/// </summary>
internal static unsafe class LowMemoryNames
{
    private const nuint FirstCandidate = 0x1000_0000;
    private const nuint LastCandidate = 0x7000_0000;
    private const nuint CandidateStep = 0x0080_0000;
    private const nuint AreaLength = 4096;

    private static readonly ConcurrentBag<nint> Free = Reserve();

    /// <summary>Writes a name to a free place and gives its address; 0 when there is no low memory to have. Give it back with <see cref="Return"/>.</summary>
    internal static nint Rent(string name)
    {
        var wait = new SpinWait();
        nint place;
        while (!Free.TryTake(out place))
        {
            if (!_reserved)
            {
                return 0;
            }

            wait.SpinOnce();
        }

        DvkText.Write(new Span<byte>((void*)place, DvkName.Size), name);
        return place;
    }

    /// <summary>Gives a place back.</summary>
    internal static void Return(nint place) => Free.Add(place);

    private static bool _reserved;

    private static ConcurrentBag<nint> Reserve()
    {
        var places = new ConcurrentBag<nint>();
        var area = MapLow();
        if (area != null)
        {
            _reserved = true;
            for (nuint offset = 0; offset < AreaLength; offset += DvkName.Size)
            {
                places.Add((nint)(area + offset));
            }
        }

        return places;
    }

    // MAP_32BIT exists on x86-64 only. A kernel that does not know MAP_FIXED_NOREPLACE takes the address as a wish, so look at what came.
    private static byte* MapLow()
    {
        for (var candidate = FirstCandidate; candidate < LastCandidate; candidate += CandidateStep)
        {
            var area = (byte*)Libc.Map(
                (void*)candidate, AreaLength, Libc.ProtectionReadWrite, Libc.MapPrivateAnonymous | Libc.MapFixedNoReplace, -1, 0);
            if ((nint)area == -1)
            {
                continue;
            }

            if ((nuint)area + AreaLength <= int.MaxValue)
            {
                return area;
            }

            _ = Libc.Unmap(area, AreaLength);
        }

        return null;
    }
}
