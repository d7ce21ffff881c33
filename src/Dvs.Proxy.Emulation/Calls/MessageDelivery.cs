using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>Effects of message commands from a peer. The checks are done; with the node's lock held.</summary>
internal sealed class MessageDelivery(DriverState state)
{
    public static bool Handles(CommandCode command) => command is CommandCode.SendMessage or CommandCode.SendReceiveMessage
        or CommandCode.ReplyMessage or CommandCode.NotifyMessage or CommandCode.SendAck or CommandCode.SendReceiveAck;

    public DvkError Deliver(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        switch (header.Command)
        {
            case CommandCode.SendMessage:
                return DeliverSend(header, source, destination);
            case CommandCode.SendReceiveMessage:
                return DeliverSendReceive(header, source, destination);
            case CommandCode.ReplyMessage:
                return DeliverReply(header, source, destination);
            case CommandCode.NotifyMessage:
                Notifications.Post(state, source, destination, header.ResultCode);
                return DvkError.Ok;
            default:
                return DeliverAcknowledgement(header, source, destination);
        }
    }

    /// <summary>A result from the wire: nothing positive is one.</summary>
    public static DvkError ResultOf(in CommandHeader header) => header.ResultCode > 0 ? DvkError.Generic : (DvkError)header.ResultCode;

    private DvkError DeliverSend(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        Settle(source);
        if (destination.Accepts(source.Endpoint, isRequest: false))
        {
            Waits.Deliver(destination, source.Endpoint, header.Message);
            state.Commands.Acknowledge(header, CommandCode.SendAck, DvkError.Ok);
        }
        else
        {
            QueueAt(destination, source, WaitKind.Send, header.Message);
        }

        return DvkError.Ok;
    }

    private static DvkError DeliverSendReceive(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        Settle(source);
        source.Status |= ProcessStatus.Receiving;
        source.ReceivesFrom = destination.Endpoint;
        if (destination.Accepts(source.Endpoint, isRequest: true))
        {
            Waits.Deliver(destination, source.Endpoint, header.Message);
        }
        else
        {
            QueueAt(destination, source, WaitKind.SendReceive, header.Message);
        }

        return DvkError.Ok;
    }

    private DvkError DeliverReply(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        if (!destination.AwaitsReplyOf(source.Endpoint))
        {
            return DvkError.ProcessStatus;
        }

        Settle(source);
        Waits.Deliver(destination, source.Endpoint, header.Message);
        state.Commands.Acknowledge(header, CommandCode.SendAck, DvkError.Ok);
        return DvkError.Ok;
    }

    private static DvkError DeliverAcknowledgement(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        var isWaiting = destination.Wait is WaitKind.Send or WaitKind.SendReceive or WaitKind.Reply
            && (destination.Status & ProcessStatus.RemoteOperation) != 0
            && destination.Operation.Queue is null;
        if (!isWaiting)
        {
            return destination.Wait == WaitKind.Copy ? DvkError.ProcessStatus : DvkError.AckDestination;
        }

        if (destination.SendsTo != source.Endpoint)
        {
            return DvkError.AckSource;
        }

        var result = ResultOf(header);
        if (destination.Wait == WaitKind.SendReceive && result == DvkError.Ok)
        {
            // Only a reply ends a sendrec well.
            return DvkError.ProcessStatus;
        }

        Waits.Complete(destination, result);
        return DvkError.Ok;
    }

    // A source that speaks again no longer waits for what it asked before.
    private static void Settle(ProcessSlot source)
    {
        source.Status = ProcessStatus.Remote;
        source.ReceivesFrom = source.SendsTo = WellKnownEndpoint.None;
    }

    private static void QueueAt(ProcessSlot destination, ProcessSlot source, WaitKind kind, in Message message)
    {
        source.Outgoing = kind;
        source.OutgoingMessage = message;
        source.Status |= ProcessStatus.Sending;
        source.SendsTo = destination.Endpoint;
        destination.Callers.Add(source);
    }
}
