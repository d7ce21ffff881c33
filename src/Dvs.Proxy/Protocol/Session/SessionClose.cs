using System.Globalization;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>Why a side of a session closes a connection, as it tells the other. The numbers go on the wire; 9 is
/// kept for a change of settings.</summary>
internal enum SessionCloseCause
{
    /// <summary>Its proxy, or the pair there, ends.</summary>
    Stopping = 1,

    /// <summary>Its proxy parks.</summary>
    Parking = 2,

    /// <summary>It has heard nothing for too long.</summary>
    Idle = 3,

    /// <summary>A newer connection has come in.</summary>
    Replaced = 4,

    /// <summary>It cannot read a frame.</summary>
    MalformedFrame = 5,

    /// <summary>A frame arrived damaged.</summary>
    DamagedFrame = 6,

    /// <summary>Frames are missing.</summary>
    MissingFrames = 7,

    /// <summary>The rules of the session were broken.</summary>
    ProtocolViolation = 8,

    /// <summary>Its driver refuses the connection.</summary>
    DriverRefused = 10,

    /// <summary>Its driver does not know the pair any more.</summary>
    Unbound = 11,

    /// <summary>It was answered nothing for too long.</summary>
    Silence = 12,

    /// <summary>Something went wrong in it.</summary>
    Fault = 13,
}

/// <summary>What a CLOSE says, the last message of a side on a connection.</summary>
/// <param name="Cause">Why.</param>
/// <param name="Delivered">From a receiver: the last sequence delivered (<c>c_ack_seq</c>). Nothing behind it is going to be delivered of what came
/// on this connection.</param>
internal readonly record struct SessionClose(SessionCloseCause Cause, ulong Delivered)
{
    /// <summary>The end of a connection that the peer has closed with this.</summary>
    public ConnectionEnd ToEnd()
    {
        var (cause, reason) = Cause switch
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
            _ => (ConnectionEndCause.PeerClosed, string.Create(CultureInfo.InvariantCulture, $"for a reason that this version does not know ({(int)Cause})")),
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
