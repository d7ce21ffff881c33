using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission.Sessions;

/// <summary>
/// Decides who may have the place of a pair's receiving connection: only one that has proven itself; of two processes of the peer's node,
/// the one that is there, while it is alive. Owns what is known of the contest between them. Thread-safe. Behaviour: SessionContestTests,
/// TwinNodeTests.
/// </summary>
internal sealed class SessionContest(PairContext context, ConnectionHandover handover, Action probe)
{
    // A machine that was started anew answers the probe with a reset within a round trip.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Shown = TimeSpan.FromMinutes(1);

    private readonly SessionIntroducer _introducer = new(context);
    private readonly OpenRate _rate = new(context.Environment.Time);
    private volatile Contender? _latest;
    private ulong _holder;

    private sealed record Contender(string Remote, long Since);

    /// <summary>Where another process of the peer's node came from a short while ago; null for none.</summary>
    public string? Latest => _latest is { } latest && context.Environment.Time.GetElapsedTime(latest.Since) < Shown ? latest.Remote : null;

    /// <summary>Blocks until the peer has proven itself and may have the place; returns null with the reason why it may not.</summary>
    public SessionIntroduction? Introduce(ProxyConnection connection, out ConnectionEnd? end)
    {
        if (!_rate.TryEnter(connection.RemoteAddress))
        {
            return Refuse(connection, SessionRefuseReason.TooManyOpens, "too many handshakes come from its address", out end);
        }

        var introduction = _introducer.Introduce(connection, out end);
        if (introduction is null)
        {
            return null;
        }

        if (!handover.IsHeldByAnotherThan(introduction))
        {
            return Admit(introduction);
        }

        probe();
        if (handover.WaitUntilFreeFor(introduction, LongestWait))
        {
            return Admit(introduction);
        }

        // It tries again and again: that is said once, for as long as it goes on.
        var isNews = Latest is null;
        _latest = new Contender(connection.RemoteName, context.Environment.Time.GetTimestamp());
        if (isNews)
        {
            ProxyLog.AnotherProcess(
                context.Logger, context.Name, connection.RemoteName, context.Peer.NodeId,
                context.ReceiverCounters.Remote ?? "another address");
        }

        return Refuse(connection, SessionRefuseReason.AnotherProcess, "another living process speaks for its node", out end);
    }

    // Where the place passes to another process, the contest is over; if the former comes back, that is another.
    private SessionIntroduction Admit(SessionIntroduction introduction)
    {
        if (Interlocked.Exchange(ref _holder, introduction.Open.Id.Process) != introduction.Open.Id.Process)
        {
            _latest = null;
        }

        return introduction;
    }

    private SessionIntroduction? Refuse(ProxyConnection connection, SessionRefuseReason reason, string text, out ConnectionEnd end)
    {
        end = new ConnectionEnd(reason.Cause, text);
        _introducer.Refuse(connection, reason);
        return null;
    }
}
