namespace Dvs.Proxy.Pairing.Admission;

/// <summary>Limits for connections that have yet to show whose they are. Immutable.</summary>
/// <param name="Timeout">Longest time, TLS handshake included.</param>
/// <param name="MaxPending">Most per listener.</param>
/// <param name="MaxPendingPerAddress">Most per listener from one address.</param>
internal sealed record AdmissionLimits(TimeSpan Timeout, int MaxPending, int MaxPendingPerAddress);
