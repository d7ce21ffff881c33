namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// Arithmetic of sequence numbers: 64 bits wide under LP64; 32 bits under ILP32, where they wrap and are compared as serial numbers
/// (RFC 1982), which is unambiguous while fewer than 2^31 are under way.
/// </summary>
internal readonly struct SequenceSpace(DataModel model)
{
    private readonly int _unusedBits = model == DataModel.Ilp32 ? 32 : 0;

    /// <summary>The number as it comes back from the wire.</summary>
    public ulong Wrap(ulong sequence) => sequence << _unusedBits >> _unusedBits;

    /// <summary>The number after this one.</summary>
    public ulong Next(ulong sequence) => Wrap(sequence + 1);

    /// <summary>The number before this one.</summary>
    public ulong Previous(ulong sequence) => Wrap(sequence - 1);

    /// <summary>Steps from one number to another; negative if <paramref name="to"/> is older.</summary>
    public long Distance(ulong from, ulong to) => (long)((to - from) << _unusedBits) >> _unusedBits;
}
