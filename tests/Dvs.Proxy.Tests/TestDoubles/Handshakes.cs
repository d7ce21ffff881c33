using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>The other side of a session's handshake, as the test plays it.</summary>
internal static class Handshakes
{
    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    /// <summary>An OPEN with what most tests want.</summary>
    public static SessionOpen Open(SessionId id, ulong next = 1, bool isEstablished = false, SessionFeatures features = SessionFeatures.Sequence) =>
        new(SessionMessage.Version, features, id, 65_536, 1 << 20, next, isEstablished);

    /// <summary>A sender that has proven itself.</summary>
    public static SessionIntroduction Introduce(
        in SessionOpen open, int senderNode, int receiverNode, byte[]? secret = null, UInt128 nonce = default)
    {
        var challenge = new SessionChallenge(SessionMessage.Version, open.Features, nonce);
        return new SessionIntroduction(open, open.Features, new SessionKeys(secret, senderNode, receiverNode, in open, in challenge, 7));
    }

    /// <summary>Opens and proves; the session's keys are those of the connection then.</summary>
    public static void Prove(this SenderSession session, int localNode, int peerNode, SessionFeatures features = SessionFeatures.Sequence)
    {
        session.OnDisconnected();
        session.CreateOpen(Now);
        var challenge = SessionMessage.Create(new SessionChallenge(SessionMessage.Version, features, 99), peerNode, localNode, Now);
        Assert.Null(session.OnChallenge(in challenge, Now, out _));
    }

    /// <summary>The ACCEPT of a peer that the session has proven itself to.</summary>
    public static CommandHeader CreateAccept(this SenderSession session, int localNode, int peerNode, ulong process, bool isKnown, ulong delivered) =>
        SessionMessage.Create(
            new SessionAccept(process, session.Keys!.AcceptMac(process, isKnown, delivered), isKnown, delivered), peerNode, localNode, Now);

    /// <summary>Opens a session on a socket, as the proxy of a node does, and waits for the ACCEPT.</summary>
    public static SessionAccept OpenSession(this Socket socket, in SessionOpen open, int localNode, int peerNode, byte[]? secret = null)
    {
        socket.ProveSession(in open, localNode, peerNode, secret);
        var answer = socket.ReceiveHeader();
        Assert.True(SessionMessage.TryRead(in answer, out SessionAccept accept), $"no ACCEPT: {answer.Message.Type:x}");
        return accept;
    }

    /// <summary>The first half of it: OPEN, CHALLENGE, PROOF.</summary>
    public static void ProveSession(this Socket socket, in SessionOpen open, int localNode, int peerNode, byte[]? secret = null)
    {
        socket.SendMessage(SessionMessage.Create(in open, localNode, peerNode, Now));
        var answer = socket.ReceiveHeader();
        Assert.True(SessionMessage.TryRead(in answer, out SessionChallenge challenge), $"no CHALLENGE: {answer.Message.Type:x}");
        var keys = new SessionKeys(secret, localNode, peerNode, in open, in challenge, 5);
        socket.SendMessage(SessionMessage.Create(new SessionProof(keys.ProofMac, 5), localNode, peerNode, Now));
    }

    /// <summary>Sends commands as frames of a session, numbered from <paramref name="first"/>; a message's type is its frame's number.</summary>
    public static void SendFrames(this Socket socket, ulong first, int count, int localNode, int peerNode)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, Sequenced = true, FirstSequence = first }, bytes);
        for (var frame = 0; frame < count; frame++)
        {
            writer.Write(ScriptedNode.Message(localNode, peerNode, (int)first + frame), default);
        }

        socket.Send(bytes.WrittenSpan);
    }

    /// <summary>True once the other side has closed the connection; what comes before is thrown away.</summary>
    public static bool IsClosedByPeer(this Socket socket)
    {
        var bytes = new byte[4096];
        try
        {
            while (socket.Receive(bytes) > 0)
            {
            }
        }
        catch (SocketException)
        {
        }

        return true;
    }
}
