using System.Globalization;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>What the session's messages about an end mean for a connection, and which of them tells the peer of an end here. Stateless.
/// Behaviour: SessionEndsTests.</summary>
internal static class SessionEnds
{
    extension(SessionRefuseReason reason)
    {
        /// <summary>The refusal as the cause of a connection's end.</summary>
        public ConnectionEndCause Cause => reason switch
        {
            SessionRefuseReason.WrongNode or SessionRefuseReason.WrongVersion or SessionRefuseReason.UnknownPeer or SessionRefuseReason.AbiMismatch
                or SessionRefuseReason.FeatureMismatch or SessionRefuseReason.PayloadTooLarge or SessionRefuseReason.OpenExpected
                or SessionRefuseReason.SessionsDisabled => ConnectionEndCause.SettingsDiffer,
            SessionRefuseReason.ProtocolViolation => ConnectionEndCause.ProtocolViolation,
            SessionRefuseReason.SecretMismatch => ConnectionEndCause.SecretMismatch,
            SessionRefuseReason.AnotherProcess => ConnectionEndCause.AnotherProcess,
            _ => ConnectionEndCause.SessionRefused,
        };
    }

    /// <summary>The end of a connection that the peer has closed with this.</summary>
    public static ConnectionEnd ToEnd(this SessionClose close)
    {
        var (cause, reason) = close.Cause switch
        {
            SessionCloseCause.Stopping => (ConnectionEndCause.PeerStopped, "it stops"),
            SessionCloseCause.Parking => (ConnectionEndCause.PeerParked, "it is parked"),
            SessionCloseCause.Idle => (ConnectionEndCause.Idle, "it has heard nothing of us for too long (idle)"),
            SessionCloseCause.Replaced => (ConnectionEndCause.Replaced, "a newer connection in our node's name has replaced it"),
            SessionCloseCause.MalformedFrame => (ConnectionEndCause.MalformedFrame, "it cannot read a frame of ours, its log says why"),
            SessionCloseCause.DamagedFrame => (ConnectionEndCause.DamagedFrame, "a frame of ours arrived damaged, and is sent again"),
            SessionCloseCause.MissingFrames => (ConnectionEndCause.MissingFrames, "frames of ours are missing there, and are sent again"),
            SessionCloseCause.ProtocolViolation => (ConnectionEndCause.ProtocolViolation,
                "we broke the rules of the session, says its log. One of the two has a fault"),
            SessionCloseCause.DriverRefused => (ConnectionEndCause.DriverRefused, "its driver refuses it"),
            SessionCloseCause.Unbound => (ConnectionEndCause.Unbound, "its driver does not know the pair any more"),
            SessionCloseCause.Silence => (ConnectionEndCause.PeerSilent, "none of our answers reached it for too long (idle)"),
            SessionCloseCause.Fault => (ConnectionEndCause.PeerClosed, "something went wrong there, its log says what"),
            _ => (ConnectionEndCause.PeerClosed,
                string.Create(CultureInfo.InvariantCulture, $"for a reason that this version does not know ({(int)close.Cause})")),
        };
        return new ConnectionEnd(cause, $"the peer closed the connection: {reason}");
    }

    /// <summary>What to tell the peer of an end that this side brings about. Null where it is the peer's doing, or was told in another way.</summary>
    public static SessionCloseCause? CauseOf(ConnectionEnd end) => end.Cause switch
    {
        ConnectionEndCause.Stopped => SessionCloseCause.Stopping,
        ConnectionEndCause.Parked => SessionCloseCause.Parking,
        ConnectionEndCause.Idle => SessionCloseCause.Idle,
        ConnectionEndCause.Replaced => SessionCloseCause.Replaced,
        ConnectionEndCause.MalformedFrame => SessionCloseCause.MalformedFrame,
        ConnectionEndCause.DamagedFrame => SessionCloseCause.DamagedFrame,
        ConnectionEndCause.MissingFrames => SessionCloseCause.MissingFrames,
        ConnectionEndCause.ProtocolViolation => SessionCloseCause.ProtocolViolation,
        ConnectionEndCause.DriverRefused => SessionCloseCause.DriverRefused,
        ConnectionEndCause.Unbound => SessionCloseCause.Unbound,
        ConnectionEndCause.PeerSilent => SessionCloseCause.Silence,
        ConnectionEndCause.Fault => SessionCloseCause.Fault,
        _ => null,
    };
}
