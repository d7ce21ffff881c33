using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// Verifies the digests of what comes in on one connection: knows the number that each frame must have, 64 bits in either data model. Reading
/// thread only.
/// </summary>
/// <param name="model">The cluster's data model.</param>
/// <param name="commands">Digest of command frames, if keyed; otherwise each frame says which it has.</param>
/// <param name="control">The same for control messages.</param>
/// <param name="lastNumber">Number, 64 bits wide, of a command frame near the first one that is to come.</param>
internal sealed class FrameVerifier(DataModel model, IFrameDigest commands, IFrameDigest control, ulong lastNumber = 0)
{
    private readonly SequenceSpace _space = new(model);
    private ulong _lastNumber = lastNumber;
    private ulong _controls;

    /// <summary>Verifies without a key: then numbers do not matter.</summary>
    public static FrameVerifier CreateUnkeyed(DataModel model) => new(model, Md5FrameDigest.Instance, Md5FrameDigest.Instance);

    /// <summary>See <see cref="IFrameDigest.IsKeyed"/>.</summary>
    public bool IsKeyed => commands.IsKeyed;

    /// <summary>Verifies a frame.</summary>
    /// <param name="header">Its header, unverified.</param>
    /// <param name="frame">All of it, its digest at the end.</param>
    public bool Verify(in CommandHeader header, ReadOnlySpan<byte> frame)
    {
        var covered = frame[..^WireLimits.DigestSize];
        var digest = frame[^WireLimits.DigestSize..];
        if (header.Command == CommandCode.None)
        {
            // Control messages are counted, not numbered: one that was left out, repeated or put elsewhere does not fit.
            return Of(control, in header).Verify(covered, _controls, digest) && ++_controls != 0;
        }

        var number = _lastNumber + (ulong)_space.Distance(_lastNumber, header.SendSequence);
        if (!Of(commands, in header).Verify(covered, number, digest))
        {
            return false;
        }

        _lastNumber = number;
        return true;
    }

    // A frame says itself what it was given, and keeps that through all connections, whatever each of them has agreed for what is new.
    private static IFrameDigest Of(IFrameDigest agreed, in CommandHeader header) =>
        agreed.IsKeyed ? agreed : IFrameDigest.Unkeyed((header.Flags & CommandFlags.Xxh128) != 0);
}
