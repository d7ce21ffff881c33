using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>What an OPEN says.</summary>
/// <param name="Version">Version of the session protocol.</param>
/// <param name="Features">Features offered.</param>
/// <param name="Id">The sender's session.</param>
/// <param name="MaxPayload">Largest payload of the sender, in bytes before compression and digest.</param>
/// <param name="WindowBytes">What the sender keeps unacknowledged at most: the receiver acknowledges every quarter of it.</param>
/// <param name="NextNumber">Number of the next command frame that was never sent in the session, 64 bits wide in either data model: what of it
/// goes on the wire later is <c>c_snd_seq</c>.</param>
/// <param name="IsEstablished">The receiver has accepted the session before; one that does not know it any more must not take it for new.</param>
internal readonly record struct SessionOpen(
    uint Version, SessionFeatures Features, SessionId Id, uint MaxPayload, uint WindowBytes, ulong NextNumber, bool IsEstablished);

/// <summary>What a CHALLENGE says.</summary>
/// <param name="Version">Version of the session protocol.</param>
/// <param name="Features">Features agreed: a subset of those offered.</param>
/// <param name="Nonce">Fresh random bits, so that nothing recorded before fits this connection.</param>
internal readonly record struct SessionChallenge(uint Version, SessionFeatures Features, UInt128 Nonce);

/// <summary>What a PROOF says.</summary>
/// <param name="Mac">See <see cref="SessionKeys.ProofMac"/>.</param>
/// <param name="Nonce">The sender's fresh random bits.</param>
internal readonly record struct SessionProof(UInt128 Mac, ulong Nonce);

/// <summary>What an ACCEPT says.</summary>
/// <param name="ProcessId">Random number of the receiver's process, not 0. Another one than before: the receiver was restarted.</param>
/// <param name="Mac">See <see cref="SessionKeys.AcceptMac"/>.</param>
/// <param name="IsKnown">The session goes on. Otherwise it is new to the receiver.</param>
/// <param name="Delivered">Last sequence delivered in the session (<c>c_ack_seq</c>).</param>
internal readonly record struct SessionAccept(ulong ProcessId, UInt128 Mac, bool IsKnown, ulong Delivered);

/// <summary>What a REFUSE says.</summary>
/// <param name="Version">Version of the session protocol the receiver speaks.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">Depends on the reason.</param>
internal readonly record struct SessionRefuse(uint Version, SessionRefuseReason Reason, ulong Detail)
{
    /// <summary>The reason in plain words.</summary>
    public string Describe() => Reason.Describe(Detail);
}
