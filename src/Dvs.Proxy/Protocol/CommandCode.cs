namespace Dvs.Proxy.Protocol;

/// <summary>
/// What a command asks of the receiving driver (classic <c>c_cmd</c>). An acknowledgement is the command with bit 13 (0x2000) set.
/// </summary>
public enum CommandCode
{
    /// <summary>Proxy-to-proxy control message (hello, load, remote bind); never reaches the driver.</summary>
    None = 0,

    /// <summary>Message to a process; the sender waits for <see cref="SendAck"/>.</summary>
    SendMessage = 1,

    /// <summary>Notification; nobody waits.</summary>
    NotifyMessage = 2,

    /// <summary>Message to a process; the sender waits for <see cref="ReplyMessage"/>.</summary>
    SendReceiveMessage = 3,

    /// <summary>Answer to <see cref="SendReceiveMessage"/>; the replier waits for <see cref="SendAck"/>.</summary>
    ReplyMessage = 4,

    /// <summary>A block for a process of the receiving node. Carries payload.</summary>
    CopyInData = 5,

    /// <summary>Asks for a block of a process of the receiving node.</summary>
    CopyOutRequest = 6,

    /// <summary>Asks the receiving node to copy between two of its own processes.</summary>
    CopyLocalRequest = 7,

    /// <summary>Asks the node of the source to send the block to a third node.</summary>
    CopyRemoteRequest = 8,

    /// <summary>The block of a copy that a third node asked for. Carries payload.</summary>
    CopyInRequest = 9,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    Hello = 10,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    Shutdown = 11,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessInfo = 12,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessBind = 13,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessUnbind = 14,

    /// <summary>The bit that turns a command into its acknowledgement.</summary>
    AcknowledgeBit = 0x2000,

    /// <summary>Result of <see cref="SendMessage"/> and <see cref="ReplyMessage"/>.</summary>
    SendAck = AcknowledgeBit | SendMessage,

    /// <summary>Result of <see cref="NotifyMessage"/>.</summary>
    NotifyAck = AcknowledgeBit | NotifyMessage,

    /// <summary>Failure of <see cref="SendReceiveMessage"/>.</summary>
    SendReceiveAck = AcknowledgeBit | SendReceiveMessage,

    /// <summary>Result of <see cref="ReplyMessage"/>.</summary>
    ReplyAck = AcknowledgeBit | ReplyMessage,

    /// <summary>Result of <see cref="CopyInData"/>.</summary>
    CopyInAck = AcknowledgeBit | CopyInData,

    /// <summary>The block that <see cref="CopyOutRequest"/> asked for: the acknowledgement that carries payload.</summary>
    CopyOutData = AcknowledgeBit | CopyOutRequest,

    /// <summary>Result of <see cref="CopyLocalRequest"/>.</summary>
    CopyLocalAck = AcknowledgeBit | CopyLocalRequest,

    /// <summary>Result of <see cref="CopyRemoteRequest"/>.</summary>
    CopyRemoteAck = AcknowledgeBit | CopyRemoteRequest,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessInfoAck = AcknowledgeBit | ProcessInfo,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessBindAck = AcknowledgeBit | ProcessBind,

    /// <summary>Reserved by the format; nobody sends it.</summary>
    ProcessUnbindAck = AcknowledgeBit | ProcessUnbind,
}
