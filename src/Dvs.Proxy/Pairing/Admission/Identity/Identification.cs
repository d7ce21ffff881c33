using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Admission.Identity;

/// <summary>What an identification found: whose a connection is, or why it is nobody's.</summary>
/// <param name="Connection">The connection, by now perhaps with TLS around it.</param>
/// <param name="Candidate">Whose it is; null for nobody's.</param>
/// <param name="Reason">Why it is turned away; null where it is not.</param>
internal readonly record struct Identification(ProxyConnection Connection, IAdmissionCandidate? Candidate, string? Reason)
{
    /// <summary>In a session: who the peer has proven to be.</summary>
    public SessionIntroduction? Introduction { get; init; }

    public static Identification Of(IAdmissionCandidate candidate, ProxyConnection connection) => new(connection, candidate, null);

    public static Identification TurnAway(ProxyConnection connection, string reason) => new(connection, null, reason);
}
