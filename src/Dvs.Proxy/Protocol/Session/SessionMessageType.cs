namespace Dvs.Proxy.Protocol.Session;

/// <summary><c>m_type</c> of the control messages that make a session.</summary>
internal enum SessionMessageType
{
    /// <summary>Sender to receiver, first frame of a connection.</summary>
    Open = 0x0D50,

    /// <summary>Receiver to sender: the session goes on, or begins.</summary>
    Accept = 0x0D51,

    /// <summary>Receiver to sender: no session, and why.</summary>
    Refuse = 0x0D52,

    /// <summary>Receiver to sender: delivered so far.</summary>
    Acknowledge = 0x0D53,

    /// <summary>Receiver to sender, the answer to OPEN: what has to be proved.</summary>
    Challenge = 0x0D54,

    /// <summary>Sender to receiver, the answer to CHALLENGE.</summary>
    Proof = 0x0D55,

    /// <summary>Either way, the last on a connection: it ends, and why.</summary>
    Close = 0x0D56,
}
