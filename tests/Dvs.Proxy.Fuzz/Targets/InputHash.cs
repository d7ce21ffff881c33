using System.Runtime.InteropServices;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>A number that depends on an input's bytes alone: decides what is not part of the input, so that the bytes alone replay a run.</summary>
internal static class InputHash
{
    public static ulong Of(ReadOnlySpan<byte> input)
    {
        var hash = 0xCBF2_9CE4_8422_2325 ^ (ulong)input.Length;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(input))
        {
            hash = (hash ^ word) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 29;
        }

        foreach (var value in input[(input.Length & ~7)..])
        {
            hash = (hash ^ value) * 0x0000_0100_0000_01B3;
        }

        return hash ^ (hash >> 31);
    }
}
