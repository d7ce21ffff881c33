using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Protocol;

/// <summary>Questions about a <see cref="CommandCode"/>.</summary>
public static class CommandCodes
{
    /// <summary>True for the codes the format defines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsKnown(this CommandCode command) =>
        command is (>= CommandCode.None and <= CommandCode.ProcessUnbind)
            or (>= CommandCode.SendAck and <= CommandCode.CopyRemoteAck)
            or (>= CommandCode.ProcessInfoAck and <= CommandCode.ProcessUnbindAck);

    /// <summary>True for the three commands whose block travels behind the header; they are never batched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CarriesPayload(this CommandCode command) =>
        command is CommandCode.CopyInData or CommandCode.CopyOutData or CommandCode.CopyInRequest;

    /// <summary>True for the commands that bring a message to a process; statistics count them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsMessage(this CommandCode command) => command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage;

    /// <summary>True for acknowledgements (bit 13 set), <see cref="CommandCode.CopyOutData"/> included.</summary>
    public static bool IsAcknowledgement(this CommandCode command) => (command & CommandCode.AcknowledgeBit) != 0;
}
