namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>
/// A small, fast generator (SplitMix64) whose whole state is one number, so that every input has one of its own: the input number i of
/// a seed can be made without making those before it.
/// </summary>
public sealed class FuzzRandom
{
    private ulong _state;

    /// <summary>The generator of one input.</summary>
    public FuzzRandom(ulong seed, long index) => Reset(seed, index);

    /// <summary>Begins anew for another input.</summary>
    public void Reset(ulong seed, long index)
    {
        _state = seed * 0x9E37_79B9_7F4A_7C15;
        Next64();
        _state ^= (ulong)index * 0xD1B5_4A32_D192_ED03;
        Next64();
    }

    /// <summary>64 random bits.</summary>
    public ulong Next64()
    {
        var word = _state += 0x9E37_79B9_7F4A_7C15;
        word = (word ^ (word >> 30)) * 0xBF58_476D_1CE4_E5B9;
        word = (word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB;
        return word ^ (word >> 31);
    }

    /// <summary>A number of 0..<paramref name="below"/>-1; 0 where <paramref name="below"/> is not positive.</summary>
    public int Next(int below) => below <= 0 ? 0 : (int)(((Next64() >> 32) * (ulong)below) >> 32);

    /// <summary>A number of <paramref name="from"/>..<paramref name="below"/>-1.</summary>
    public int Next(int from, int below) => from + Next(below - from);

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool OneIn(int times) => Next(times) == 0;

    /// <summary>One of these.</summary>
    public T Pick<T>(ReadOnlySpan<T> items) => items[Next(items.Length)];

    /// <summary>Random bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            value = (byte)Next64();
        }
    }
}
