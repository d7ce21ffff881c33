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
internal readonly record struct SessionClose(SessionCloseCause Cause, ulong Delivered);
