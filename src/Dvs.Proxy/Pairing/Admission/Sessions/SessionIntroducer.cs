using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Admission.Sessions;

/// <summary>
/// Has whoever is at the other end of a connection prove that it is the peer, before the connection may take the place of another: OPEN,
/// CHALLENGE, PROOF. Stateless and thread-safe. Behaviour: SessionContestTests, ReceiverHandshakeTests.
/// </summary>
internal sealed class SessionIntroducer(PairContext context)
{
    private readonly ReceiverSessionOptions _options = SessionFilter.CreateOptions(context);

    /// <summary>Blocks until the peer has proven itself, was refused, or the connection ends. Returns null with the reason unless it
    /// has.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public SessionIntroduction? Introduce(ProxyConnection connection, out ConnectionEnd? end)
    {
        // Whose the messages are is the handshake's to check: it refuses in words that the peer can log.
        using var reader = new FrameReader(new FrameReaderOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            AllowSessionFlags = true,
        });
        var handshake = new ReceiverHandshake(_options);
        while (true)
        {
            end = Read(connection, reader, out var header);
            if (end is not null)
            {
                return null;
            }

            var step = handshake.On(in header, Now);
            if (step.Introduction is { } introduction)
            {
                return introduction;
            }

            var isSent = Send(connection, step.Reply!.Value);
            end = step.Problem is { } problem ? new ConnectionEnd(step.Reason.Cause, problem) : isSent ? null : ConnectionEnd.TakesNoMore;
            if (end is not null)
            {
                return null;
            }
        }
    }

    /// <summary>Refuses whom a reason of the pair keeps out.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public void Refuse(ProxyConnection connection, SessionRefuseReason reason) =>
        Send(connection, new ReceiverHandshake(_options).CreateRefuse(reason, 0, Now));

    private Timestamp Now => Timestamp.Now(context.Environment.Time);

    private static ConnectionEnd? Read(ProxyConnection connection, FrameReader reader, out CommandHeader header)
    {
        header = default;
        while (true)
        {
            var result = connection.Input.ReadBlocking();
            var buffer = result.Buffer;
            var status = reader.TryRead(ref buffer, out var frame);
            if (status == FrameStatus.Complete)
            {
                header = frame.Command;
                connection.Input.AdvanceTo(buffer.Start);
                return null;
            }

            connection.Input.AdvanceTo(buffer.Start, buffer.End);
            if (status == FrameStatus.Malformed)
            {
                return new ConnectionEnd(
                    ConnectionEndCause.MalformedFrame, $"malformed frame where a session was to be opened: {reader.Fault.Describe()}");
            }

            if (result.IsCompleted || result.IsCanceled)
            {
                return new ConnectionEnd(ConnectionEndCause.PeerClosed, "it ended before it had opened a session");
            }
        }
    }

    private bool Send(ProxyConnection connection, CommandHeader message)
    {
        SessionMessage.WriteFrame(connection.Output, context.Layout, in message);
        return connection.Output.FlushBlocking() is { IsCompleted: false, IsCanceled: false };
    }
}
