using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>Effects of message commands from a peer. The checks are done; with the node's lock held.</summary>
internal sealed class MessageDelivery(DriverState state)
{
    public static bool Handles(CommandCode command) => command is CommandCode.SendMessage or CommandCode.SendReceiveMessage
        or CommandCode.ReplyMessage or CommandCode.NotifyMessage or CommandCode.SendAck or CommandCode.SendReceiveAck;

    /// <summary>Lets a command take effect.</summary>
    /// <param name="header">The command.</param>
    /// <param name="source">Its source.</param>
    /// <param name="destination">Its destination.</param>
    /// <param name="isHandedOver">Whether a message went to a process that waited for it: that is what the driver counts.</param>
    public DvkError Deliver(in CommandHeader header, ProcessSlot source, ProcessSlot destination, out bool isHandedOver)
    {
        isHandedOver = false;
        switch (header.Command)
        {
            case CommandCode.SendMessage or CommandCode.ReplyMessage:
                isHandedOver = DeliverSend(header, source, destination);
                return DvkError.Ok;
            case CommandCode.SendReceiveMessage:
                isHandedOver = DeliverSendReceive(header, source, destination);
                return DvkError.Ok;
            case CommandCode.NotifyMessage:
                return Notifications.Post(header.Message, source, destination);
            default:
                return DeliverAcknowledgement(header, source, destination);
        }
    }

    // A reply is a send: where nobody waits for it, it waits itself.
    private bool DeliverSend(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        Settle(source);
        if (!destination.Accepts(source.Endpoint))
        {
            Waits.QueueAt(destination, source, WaitKind.Send, header.Message);
            return false;
        }

        Waits.Deliver(destination, source.Endpoint, header.Message);
        state.Commands.Acknowledge(header, CommandCode.SendAck, 0);
        return true;
    }

    private static bool DeliverSendReceive(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        Settle(source);
        source.Status |= ProcessStatus.Receiving;
        source.MiscFlags |= ProcessMiscFlags.SendReceive;
        source.ReceivesFrom = destination.Endpoint;
        if (!destination.Accepts(source.Endpoint))
        {
            Waits.QueueAt(destination, source, WaitKind.SendReceive, header.Message);
            return false;
        }

        Waits.Deliver(destination, source.Endpoint, header.Message);
        return true;
    }

    private static DvkError DeliverAcknowledgement(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        if (!destination.AwaitsAnswer || destination.Wait is not (WaitKind.Send or WaitKind.SendReceive or WaitKind.Reply))
        {
            return DvkError.AckDestination;
        }

        if (destination.Operation.Header.DestinationEndpoint != source.Endpoint)
        {
            return DvkError.AckSource;
        }

        // A result from the wire: nothing positive is one.
        var result = header.ResultCode > 0 ? DvkError.Generic : (DvkError)header.ResultCode;
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
}
