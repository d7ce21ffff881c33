using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// The sender's end of the handshake of one connection: proves who we are, and checks that the answer is the peer's and of now. What the answer
/// means for the session is the session's. No I/O of its own.
/// </summary>
/// <param name="options">What we bring.</param>
/// <param name="required">Features without which there is no session.</param>
/// <param name="open">The OPEN.</param>
/// <param name="newNonce">Makes random numbers.</param>
internal sealed class SenderHandshake(SenderSessionOptions options, SessionFeatures required, SessionOpen open, Func<ulong> newNonce)
{
    private bool _isAccepted;

    /// <summary>What both agreed; null before the CHALLENGE.</summary>
    public SessionKeys? Keys { get; private set; }

    /// <summary>Features agreed.</summary>
    public SessionFeatures Features { get; private set; }

    /// <summary>The OPEN.</summary>
    public CommandHeader CreateOpen(Timestamp now) => SessionMessage.Create(in open, options.LocalNode, options.PeerNode, now);

    /// <summary>The peer's CHALLENGE. Null: <paramref name="proof"/> is to be sent; otherwise why not.</summary>
    public string? OnChallenge(in CommandHeader header, Timestamp now, out CommandHeader proof)
    {
        proof = default;
        if (Keys is not null || !SessionMessage.TryRead(in header, out SessionChallenge challenge))
        {
            return "the peer's CHALLENGE does not come right after our OPEN";
        }

        if (CheckNodes(in header, "CHALLENGE") is { } problem)
        {
            return problem;
        }

        if (challenge.Version != SessionMessage.Version)
        {
            return $"the peer speaks version {challenge.Version} of the session protocol, we offered {SessionMessage.Version}";
        }

        if ((challenge.Features & ~open.Features) != 0 || (challenge.Features & required) != required)
        {
            return $"the peer agrees to the features {challenge.Features}, we offered {open.Features} and need {required}";
        }

        var nonce = newNonce();
        Features = challenge.Features;
        Keys = new SessionKeys(options.Secret.Span, options.LocalNode, options.PeerNode, in open, in challenge, nonce);
        proof = SessionMessage.Create(new SessionProof(Keys.ProofMac, nonce), options.LocalNode, options.PeerNode, now);
        return null;
    }

    /// <summary>The peer's ACCEPT. Null: it is the peer's, and of now; otherwise what is wrong.</summary>
    public string? OnAccept(in CommandHeader header, out SessionAccept accept)
    {
        if (!SessionMessage.TryRead(in header, out accept) || Keys is null || _isAccepted)
        {
            return "the peer accepts a session that was not opened";
        }

        if (CheckNodes(in header, "ACCEPT") is { } problem)
        {
            return problem;
        }

        if (accept.ProcessId == 0)
        {
            return "the ACCEPT does not name the peer's process";
        }

        if (!SessionKeys.AreEqual(accept.Mac, Keys.AcceptMac(accept.ProcessId, accept.IsKnown, accept.Delivered)))
        {
            return options.Secret.IsEmpty
                ? "the ACCEPT does not fit this connection: it was recorded before, or damaged on the way"
                : "the ACCEPT proves another secret than ours, or was recorded before or damaged on the way";
        }

        _isAccepted = true;
        return null;
    }

    private string? CheckNodes(in CommandHeader header, string what) =>
        header.SourceNode == options.PeerNode && header.DestinationNode == options.LocalNode
            ? null
            : $"the {what} goes from node {header.SourceNode} to node {header.DestinationNode}, but the peer is {options.PeerNode} and "
                + $"this is {options.LocalNode}";
}
