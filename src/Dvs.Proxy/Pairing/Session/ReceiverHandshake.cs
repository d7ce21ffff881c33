using System.Buffers.Binary;
using System.Security.Cryptography;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What a receiver does with a message of a handshake.</summary>
internal readonly record struct HandshakeStep
{
    /// <summary>What to send at once; null once the sender has proven itself: the ACCEPT is the session's.</summary>
    public CommandHeader? Reply { get; init; }

    /// <summary>The sender has proven itself.</summary>
    public SessionIntroduction? Introduction { get; init; }

    /// <summary>Why it was refused; <see cref="SessionRefuseReason.None"/>: it was not.</summary>
    public SessionRefuseReason Reason { get; init; }

    /// <summary>Where refused: plain words for our own log. Close the connection after the reply.</summary>
    public string? Problem { get; init; }
}

/// <summary>
/// The receiver's end of the handshake of one connection, until the sender has proven itself: OPEN, CHALLENGE, PROOF. Tells nothing about
/// any session, and changes none. No I/O of its own; one owner. Behaviour: ReceiverHandshakeTests.
/// </summary>
internal sealed class ReceiverHandshake(ReceiverSessionOptions options, Func<UInt128>? newNonce = null)
{
    private SessionOpen _open;
    private SessionChallenge _challenge;
    private bool _isChallenged;

    /// <summary>The next message of the connection.</summary>
    public HandshakeStep On(in CommandHeader header, Timestamp now)
    {
        if (header.SourceNode != options.PeerNode || header.DestinationNode != options.LocalNode)
        {
            return Refuse(
                SessionRefuseReason.WrongNode, (ulong)(header.SourceNode != options.PeerNode ? header.SourceNode : header.DestinationNode), now,
                $"its handshake goes from node {header.SourceNode} to node {header.DestinationNode}, but the peer is {options.PeerNode} "
                    + $"and this is {options.LocalNode}");
        }

        return _isChallenged ? OnProof(in header, now) : OnOpen(in header, now);
    }

    /// <summary>A REFUSE for a reason that the handshake itself cannot see.</summary>
    public CommandHeader CreateRefuse(SessionRefuseReason reason, ulong detail, Timestamp now) =>
        SessionMessage.Create(new SessionRefuse(SessionMessage.Version, reason, detail), options.LocalNode, options.PeerNode, now);

    private HandshakeStep OnOpen(in CommandHeader header, Timestamp now)
    {
        if (!SessionMessage.TryRead(in header, out _open))
        {
            return Refuse(
                SessionRefuseReason.OpenExpected, 0, now,
                "the first frame does not open a session, so the peer seems to be a classic proxy, or has sessions switched off. "
                + $"Set sequence NO for proxy {options.PeerName} here, or sequence YES on the peer");
        }

        if (_open.Version != SessionMessage.Version)
        {
            return Refuse(
                SessionRefuseReason.WrongVersion, SessionMessage.Version, now,
                $"it speaks version {_open.Version} of the session protocol, we speak {SessionMessage.Version}. Update the older side");
        }

        if (_open.MaxPayload > (uint)options.MaxPayload)
        {
            return Refuse(
                SessionRefuseReason.PayloadTooLarge, (uint)options.MaxPayload, now,
                $"its payloads may have {_open.MaxPayload} bytes, we take {options.MaxPayload}. Give both drivers the same max_copybuf");
        }

        if (((_open.Features ^ options.Required) & SessionFeatures.Secret) != 0)
        {
            return Refuse(
                SessionRefuseReason.SecretMismatch, options.Secret.IsEmpty ? 0u : 1u, now,
                $"{(options.Secret.IsEmpty ? "it is to prove a secret, we have none" : "it has no secret, we have one")}. "
                + $"Set the same secret for proxy {options.PeerName} on both nodes, or on neither");
        }

        if ((_open.Features & options.Required) != options.Required)
        {
            return Refuse(
                SessionRefuseReason.FeatureMismatch, (ulong)options.Required, now,
                $"it offers {_open.Features}, we insist on {options.Required}. Set the same sequence and digest for this proxy on both nodes");
        }

        if (!_open.Id.IsValid)
        {
            return Refuse(SessionRefuseReason.ProtocolViolation, 0, now, "its OPEN names no session");
        }

        _challenge = new SessionChallenge(SessionMessage.Version, _open.Features & options.Supported, (newNonce ?? CreateNonce)());
        _isChallenged = true;
        return new HandshakeStep { Reply = SessionMessage.Create(in _challenge, options.LocalNode, options.PeerNode, now) };
    }

    private HandshakeStep OnProof(in CommandHeader header, Timestamp now)
    {
        if (!SessionMessage.TryRead(in header, out SessionProof proof))
        {
            return Refuse(SessionRefuseReason.ProtocolViolation, 0, now, "it was to prove itself, and sent something else");
        }

        var keys = new SessionKeys(options.Secret.Span, options.PeerNode, options.LocalNode, in _open, in _challenge, proof.Nonce);
        if (!SessionKeys.AreEqual(keys.ProofMac, proof.Mac))
        {
            return Refuse(
                SessionRefuseReason.SecretMismatch, options.Secret.IsEmpty ? 0u : 1u, now,
                options.Secret.IsEmpty
                    ? "its proof does not fit this connection: what it sent was recorded before, or damaged on the way"
                    : $"its proof does not fit: the secrets for proxy {options.PeerName} differ, or what it sent was recorded before or damaged on the way");
        }

        return new HandshakeStep { Introduction = new SessionIntroduction(_open, _challenge.Features, keys) };
    }

    private HandshakeStep Refuse(SessionRefuseReason reason, ulong detail, Timestamp now, string problem) =>
        new() { Reason = reason, Problem = problem, Reply = CreateRefuse(reason, detail, now) };

    private static UInt128 CreateNonce()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    }
}
