using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Copies;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>put2lcl: checks a command from a peer in the driver's order, and lets it take effect.</summary>
internal sealed class PutToLocalCall(DriverState state)
{
    private readonly MessageDelivery _messages = new(state);
    private readonly CopyDelivery _copies = new(state);

    public DvkError Deliver(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        BlockTransfer transfer;
        lock (state.Lock)
        {
            var error = FindPair(out var pair);
            if (error != DvkError.Ok)
            {
                return error;
            }

            transfer = default;
            error = Check(header, out var source, out var destination);
            if (error == DvkError.Ok)
            {
                error = MessageDelivery.Handles(header.Command)
                    ? DeliverMessage(pair, header, source, destination)
                    : DeliverCopy(pair, header, payload.Length, source, destination, out transfer);
            }

            if (error != DriverState.MustWait)
            {
                if (error != DvkError.Ok)
                {
                    AnswerFailure(header, error);
                }

                return error;
            }
        }

        // The block moves without the lock; it keeps the memory alive whatever its process does.
        transfer.Run(payload);
        lock (state.Lock)
        {
            return _copies.Finish(header, transfer);
        }
    }

    private DvkError FindPair(out DriverPair pair)
    {
        pair = null!;
        if (state.Info is null)
        {
            return DvkError.DvsNotInitialised;
        }

        if (state.Threads.Current is not { } caller)
        {
            return DvkError.NotBind;
        }

        if (caller.ProxyShutDown)
        {
            return DvkError.Shutdown;
        }

        if (caller.ReceiverOf is not { } found)
        {
            return caller.SenderOf is not null ? DvkError.BadCall
                : caller.Process is not null ? DvkError.NoProxy
                : DvkError.NotBind;
        }

        pair = found;
        return !found.InUse ? DvkError.ProxyFree
            : found.ReceiverConnected ? DvkError.Ok
            : DvkError.NotConnected;
    }

    private DvkError DeliverMessage(DriverPair pair, in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        var error = _messages.Deliver(header, source, destination, out var isHandedOver);
        if (isHandedOver)
        {
            Count(pair, header.SourceNode);
        }

        return error;
    }

    private DvkError DeliverCopy(
        DriverPair pair, in CommandHeader header, int payloadLength, ProcessSlot source, ProcessSlot destination, out BlockTransfer transfer)
    {
        var error = _copies.Begin(pair, header, payloadLength, source, destination, out transfer);
        if (error is DvkError.Ok or DriverState.MustWait && (header.Command & CommandCode.AcknowledgeBit) == 0)
        {
            Count(pair, header.SourceNode);
        }

        return error;
    }

    // Messages that were handed over, and copies that were taken on: no acknowledgement, and nothing that was refused.
    private void Count(DriverPair pair, int sourceNode)
    {
        pair.CommandsReceived++;
        if (state.FindNode(sourceNode) is { } node)
        {
            node.CommandsReceived++;
            node.LastReceived = Timestamp.Now(state.Options.TimeProvider);
        }
    }

    // The order is the kernel driver's.
    private DvkError Check(in CommandHeader header, out ProcessSlot source, out ProcessSlot destination)
    {
        source = destination = null!;
        var error = state.FindContainer(header.DcId, out var container);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (container.SlotOf(header.SourceEndpoint) is not { } from || container.SlotOf(header.DestinationEndpoint) is not { } to)
        {
            return DvkError.Range;
        }

        source = from;
        destination = to;
        if (!container.HasNode(header.SourceNode))
        {
            return DvkError.NodeNotInDc;
        }

        if (header.DestinationNode != state.LocalNodeId)
        {
            return DvkError.BadNodeId;
        }

        error = CheckSource(header, from, to);
        return error == DvkError.Ok ? CheckDestination(header, to) : error;
    }

    private static DvkError CheckSource(in CommandHeader header, ProcessSlot source, ProcessSlot destination)
    {
        if (source.Endpoint != header.SourceEndpoint)
        {
            return DvkError.Endpoint;
        }

        if (source.IsFree)
        {
            return DvkError.NotBind;
        }

        if (source.IsLocal)
        {
            return DvkError.LocalProcess;
        }

        if (source.NodeId != header.SourceNode)
        {
            return DvkError.NoNode;
        }

        // Acknowledgements as well: the driver does not look at what comes in the name of a process that waits to send.
        return source.QueuedAt is not null ? DvkError.Enqueued : CheckPrivileges(header.Command, source, destination);
    }

    private static DvkError CheckPrivileges(CommandCode command, ProcessSlot source, ProcessSlot destination)
    {
        switch (command)
        {
            case CommandCode.SendMessage or CommandCode.SendReceiveMessage or CommandCode.ReplyMessage or CommandCode.NotifyMessage:
                return source.IsSystem || destination.IsSystem ? DvkError.Ok : DvkError.TrapDenied;
            case CommandCode.CopyInData or CommandCode.CopyOutRequest or CommandCode.CopyLocalRequest or CommandCode.CopyRemoteRequest:
                // The source of these is the requester of the copy.
                return source.IsSystem ? DvkError.Ok : DvkError.BadCall;
            default:
                return DvkError.Ok;
        }
    }

    private static DvkError CheckDestination(in CommandHeader header, ProcessSlot destination)
    {
        if (destination.Endpoint != header.DestinationEndpoint)
        {
            return DvkError.Endpoint;
        }

        if (destination.IsRemote)
        {
            return DvkError.RemoteProcess;
        }

        if (destination.IsFree)
        {
            return DvkError.DestinationDied;
        }

        return (destination.Status & ProcessStatus.Migrating) != 0 ? DvkError.Migrating : DvkError.Ok;
    }

    // A peer is told of what became of its process's command, not of a command that should not have come at all.
    private static bool IsAnswered(DvkError error) => error is not (DvkError.BadDcId or DvkError.DcNotRunning or DvkError.Range
        or DvkError.BadNodeId or DvkError.NodeNotInDc or DvkError.NoNode or DvkError.LocalProcess or DvkError.Enqueued or DvkError.NotBind
        or DvkError.Endpoint);

    private void AnswerFailure(in CommandHeader header, DvkError error)
    {
        if (!IsAnswered(error))
        {
            return;
        }

        switch (header.Command)
        {
            case CommandCode.SendMessage or CommandCode.SendReceiveMessage or CommandCode.ReplyMessage:
                state.Commands.Acknowledge(header, CommandCode.SendAck, (int)error, onlyIfConnected: true);
                break;
            case CommandCode.CopyInData or CommandCode.CopyOutRequest or CommandCode.CopyLocalRequest or CommandCode.CopyRemoteRequest:
                state.Commands.Acknowledge(header, header.Command | CommandCode.AcknowledgeBit, (int)error, onlyIfConnected: true);
                break;
            case CommandCode.CopyInRequest:
                CopyDelivery.AnswerRequester(state, header, header.DestinationEndpoint, (int)error);
                break;
            default:
                break;
        }
    }
}
