using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Sending.Replies;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// The handshake of a session on one connection after the other: sends OPEN and PROOF, waits for the answers within the time there is, and
/// reports what became of the session. Sender thread only. Behaviour: SessionPairTests, SessionWedgeTests, HostileConnectionTests.
/// </summary>
internal sealed class SenderOpening(PairContext context, SenderSession session)
{
    /// <summary>Opens the session on a connection.</summary>
    /// <returns>Null if it is open; otherwise why not.</returns>
    public ConnectionEnd? Run(ProxyConnection connection, SessionReplies replies, ControlMessageWriter control)
    {
        using var limit = new HandshakeLimit(connection, context.Peer.Options.ConnectTimeout, context.Environment.Time);
        try
        {
            connection.Output.Send(control, session.CreateOpen(Now));
            while (true)
            {
                if (replies.ReadAnswer(out var answer) is { } problem)
                {
                    return limit.IsOver ? NoAnswer(limit) : problem;
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Refuse))
                {
                    return SessionReplies.Refused(in answer, session.DescribeRefusal);
                }

                if (SessionMessage.Is(in answer, SessionMessageType.Challenge))
                {
                    if (session.OnChallenge(in answer, Now, out var proof) is { } violation)
                    {
                        return ProtocolViolation(violation);
                    }

                    connection.Output.Send(control, in proof);
                }
                else if (SessionMessage.Is(in answer, SessionMessageType.Accept))
                {
                    return Judge(session.OnAccept(in answer));
                }
            }
        }
        catch (IOException exception)
        {
            return limit.IsOver ? NoAnswer(limit) : ConnectionEnd.Of(exception);
        }
    }

    /// <summary>The peer breaks the protocol.</summary>
    public static ConnectionEnd ProtocolViolation(string? problem) => new(ConnectionEndCause.ProtocolViolation, problem!);

    private Timestamp Now => Timestamp.Now(context.Environment.Time);

    private ConnectionEnd? Judge(in AcceptDecision decision)
    {
        Report(in decision);
        return decision.Outcome switch
        {
            AcceptOutcome.Fail => ProtocolViolation(decision.Problem),
            AcceptOutcome.Renew => new ConnectionEnd(ConnectionEndCause.SessionLost, decision.Problem!),
            _ => null,
        };
    }

    private ConnectionEnd NoAnswer(HandshakeLimit limit) =>
        new(ConnectionEndCause.HandshakeTimeout, SenderSession.DescribeNoAnswer(context.Name, limit.Limit));

    private void Report(in AcceptDecision decision)
    {
        if (decision.Outcome == AcceptOutcome.Renew)
        {
            context.SenderCounters.UnknownFate += decision.UnknownFate.Commands;
            context.SenderCounters.PossiblyRepeated += decision.PossiblyRepeated.Commands;

            // Of what a contradiction takes along only the frames are known, and each has a command at least.
            var unknown = Counted.Of(decision.UnknownFate.Commands, "command");
            ProxyLog.SessionLost(
                context.Logger, context.Name, decision.Problem!,
                decision is { Loss: SessionLoss.Contradiction, UnknownFate.Frames: > 0 } ? $"at least {unknown}" : unknown,
                Counted.Of(decision.PossiblyRepeated.Commands, "command"));
        }
        else if (decision.Outcome == AcceptOutcome.Resume)
        {
            context.SenderCounters.Resumes++;
            ProxyLog.SessionResumed(context.Logger, context.Name, Counted.Of(decision.Resent.Frames, "frame"));
        }
    }
}
