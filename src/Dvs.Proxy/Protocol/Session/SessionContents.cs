namespace Dvs.Proxy.Protocol.Session;

/// <summary>What an OPEN says.</summary>
/// <param name="Version">Version of the session protocol.</param>
/// <param name="Features">Features offered.</param>
/// <param name="SessionId">The sender's session, not 0.</param>
/// <param name="MaxPayload">Largest payload of the sender, in bytes before compression and digest.</param>
/// <param name="WindowBytes">What the sender keeps unacknowledged at most: the receiver acknowledges every quarter of it.</param>
/// <param name="NextSequence">Sequence of the next new command of the session (<c>c_snd_seq</c>).</param>
internal readonly record struct SessionOpen(
    uint Version, SessionFeatures Features, ulong SessionId, uint MaxPayload, uint WindowBytes, ulong NextSequence);

/// <summary>What an ACCEPT says.</summary>
/// <param name="Version">Version of the session protocol.</param>
/// <param name="Features">Features agreed: a subset of those offered.</param>
/// <param name="ProcessId">Random number of the receiver's process, not 0. Another one than before: the receiver was restarted.</param>
/// <param name="KnownSessionId">The last session of this sender of which the receiver has got a frame; 0 for none.</param>
/// <param name="Delivered">Last sequence delivered in that session (<c>c_ack_seq</c>).</param>
internal readonly record struct SessionAccept(
    uint Version, SessionFeatures Features, ulong ProcessId, ulong KnownSessionId, ulong Delivered);

/// <summary>What a REFUSE says.</summary>
/// <param name="Version">Version of the session protocol the receiver speaks.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">Depends on the reason.</param>
internal readonly record struct SessionRefuse(uint Version, SessionRefuseReason Reason, ulong Detail)
{
    /// <summary>The reason in plain words.</summary>
    public string Describe() => Reason.Describe(Detail);
}
