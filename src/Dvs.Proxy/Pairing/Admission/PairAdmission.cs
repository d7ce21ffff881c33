using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission.Identity;
using Dvs.Proxy.Pairing.Admission.Sessions;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// The side of a pair that admission sees: owns the peer's addresses and the contest for its place, and passes connections on to the
/// receiver's <see cref="ConnectionHandover"/>. Thread-safe. Behaviour: AdmissionTests, SessionContestTests.
/// </summary>
/// <param name="context">What the pair shares.</param>
/// <param name="handover">Where connections go.</param>
/// <param name="probe">Makes the connection in use show whether it is alive.</param>
internal sealed class PairAdmission(PairContext context, ConnectionHandover handover, Action probe) : IAdmissionCandidate
{
    private readonly SessionContest _contest = new(context, handover, probe);

    public int NodeId => context.Peer.NodeId;

    public string Name => context.Name;

    public ProxyLogger Logger => context.Logger;

    public PeerAddresses Addresses { get; } = new(context.Peer, context.Environment.Time);

    public PeerTls? Tls => context.Tls;

    public bool IsClassic => !context.Peer.Options.UseSession;

    public bool IsFree => !handover.IsOccupied;

    /// <summary>Where another process of the peer's node came from a short while ago; null for none.</summary>
    public string? AnotherProcess => _contest.Latest;

    public Identification Introduce(ProxyConnection connection)
    {
        var introduction = _contest.Introduce(connection, out var end);
        if (introduction is null)
        {
            context.ReceiverCounters.LastEnd = end;
            return Identification.TurnAway(connection, end!.Text);
        }

        return Identification.Of(this, connection) with { Introduction = introduction };
    }

    public void Offer(ProxyConnection connection, long order, SessionIntroduction? introduction = null)
    {
        var remote = connection.RemoteName;
        var outcome = handover.Offer(connection, order, introduction);
        if (outcome is HandoverOffer.Late or HandoverOffer.Contested)
        {
            CountTurnedAway();
        }

        if (outcome == HandoverOffer.Replaces)
        {
            ProxyLog.ConnectionReplaced(context.Logger, Name, remote);
        }
        else if (outcome == HandoverOffer.Late)
        {
            ProxyLog.ConnectionLate(context.Logger, Name, remote);
        }
    }

    public void CountTurnedAway() => context.ReceiverCounters.CountRefused();
}
