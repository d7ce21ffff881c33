using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>Effects of copy commands from a peer. The checks of source and destination are done; with the node's lock held.</summary>
internal sealed class CopyDelivery(DriverState state)
{
    /// <summary>Lets a command take effect; <see cref="DriverState.MustWait"/>: run <paramref name="transfer"/>, then <see cref="Finish"/>.</summary>
    public DvkError Begin(
        ProxyPair pair, in CommandHeader header, int payloadLength, ProcessSlot source, ProcessSlot destination, out BlockTransfer transfer)
    {
        transfer = default;
        switch (header.Command)
        {
            case CommandCode.CopyInData or CommandCode.CopyInRequest:
                return BeginCopyIn(pair, header, payloadLength, destination, out transfer);
            case CommandCode.CopyOutRequest:
                return CopyOut(pair, header, destination);
            case CommandCode.CopyOutData:
                return BeginCopyOutData(header, payloadLength, source, destination, out transfer);
            case CommandCode.CopyLocalRequest:
                return BeginCopyLocal(pair, header, destination, out transfer);
            case CommandCode.CopyRemoteRequest:
                return CopyRemote(header, destination);
            case CommandCode.CopyInAck or CommandCode.CopyLocalAck or CommandCode.CopyRemoteAck:
                return WakeRequester(header, source, destination);
            default:
                return DvkError.BadRequest;
        }
    }

    /// <summary>The block is in place: answers, or wakes the requester.</summary>
    public DvkError Finish(in CommandHeader header, in BlockTransfer transfer)
    {
        transfer.End();
        switch (header.Command)
        {
            case CommandCode.CopyInData:
                state.Commands.Acknowledge(header, CommandCode.CopyInAck, DvkError.Ok);
                break;
            case CommandCode.CopyInRequest:
                AnswerRequester(state, header, header.DestinationEndpoint, DvkError.Ok);
                break;
            case CommandCode.CopyLocalRequest:
                state.Commands.Acknowledge(header, CommandCode.CopyLocalAck, DvkError.Ok);
                break;
            case CommandCode.CopyOutData:
                // The requester may have given up meanwhile.
                if (state.FindContainer(header.DcId, out var container) == DvkError.Ok
                    && container.SlotOf(header.DestinationEndpoint) is { IsLocal: true } requester
                    && IsAwaited(requester, header))
                {
                    requester.RemoteCopies++;
                    Waits.Complete(requester, DvkError.Ok);
                }

                break;
        }

        return DvkError.Ok;
    }

    /// <summary>COPYRMT_ACK to the requester of a copy between two other nodes, if this driver knows it.</summary>
    public static void AnswerRequester(DriverState state, in CommandHeader request, int answeringEndpoint, DvkError result)
    {
        if (state.FindContainer(request.DcId, out var container) != DvkError.Ok
            || container.SlotOf(request.Copy.RequesterEndpoint) is not { IsRemote: true } requester
            || requester.Endpoint != request.Copy.RequesterEndpoint)
        {
            return;
        }

        CommandHeader header = default;
        header.Command = CommandCode.CopyRemoteAck;
        header.DcId = request.DcId;
        header.SourceEndpoint = answeringEndpoint;
        header.DestinationEndpoint = requester.Endpoint;
        header.SourceNode = state.LocalNodeId;
        header.DestinationNode = requester.NodeId;
        header.ResultCode = (int)result;
        header.Copy = request.Copy;
        state.Commands.EnqueueAnswer(header, null, onlyIfConnected: result != DvkError.Ok);
    }

    private static DvkError BeginCopyIn(
        ProxyPair pair, in CommandHeader header, int payloadLength, ProcessSlot destination, out BlockTransfer transfer)
    {
        transfer = default;
        var length = header.Copy.Length;
        if (!IsPiece(pair, length) || header.PayloadLength != length || payloadLength != length)
        {
            return DvkError.Range;
        }

        var error = CheckParticipant(destination);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!destination.Thread!.Memory.TryFind(header.Copy.DestinationAddress, length, out var block))
        {
            return DvkError.Fault;
        }

        transfer = new BlockTransfer(destination, block);
        transfer.Begin();
        return DriverState.MustWait;
    }

    // The data follows when the sender proxy fetches it.
    private DvkError CopyOut(ProxyPair pair, in CommandHeader header, ProcessSlot source)
    {
        var length = header.Copy.Length;
        if (!IsPiece(pair, length))
        {
            return DvkError.Range;
        }

        var error = CheckParticipant(source);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!source.Thread!.Memory.TryFind(header.Copy.SourceAddress, length, out _))
        {
            return DvkError.Fault;
        }

        CommandHeader answer = default;
        answer.Command = CommandCode.CopyOutData;
        answer.DcId = header.DcId;
        answer.SourceEndpoint = header.DestinationEndpoint;
        answer.DestinationEndpoint = header.SourceEndpoint;
        answer.SourceNode = state.LocalNodeId;
        answer.DestinationNode = header.SourceNode;
        answer.PayloadLength = length;
        answer.Copy = header.Copy;
        return state.Commands.EnqueueAnswer(answer, source) ? DvkError.Ok : DvkError.NoProxy;
    }

    private static DvkError BeginCopyOutData(
        in CommandHeader header, int payloadLength, ProcessSlot source, ProcessSlot requester, out BlockTransfer transfer)
    {
        transfer = default;
        if (!IsAwaited(requester, header) || requester.SendsTo != source.Endpoint)
        {
            return DvkError.ProcessStatus;
        }

        // What was asked for counts, not what the wire says.
        var copy = requester.Operation.Header.Copy;
        var result = MessageDelivery.ResultOf(header);
        if (result != DvkError.Ok)
        {
            Waits.Complete(requester, result);
            return DvkError.Ok;
        }

        if (header.PayloadLength != copy.Length || payloadLength != copy.Length)
        {
            Waits.Complete(requester, DvkError.Range);
            return DvkError.Range;
        }

        var destination = requester.CopyDestination;
        if (destination?.Thread is null || !destination.Thread.Memory.TryFind(copy.DestinationAddress, copy.Length, out var block))
        {
            Waits.Complete(requester, DvkError.Fault);
            return DvkError.Fault;
        }

        transfer = new BlockTransfer(destination, block);
        return DriverState.MustWait;
    }

    private static DvkError BeginCopyLocal(ProxyPair pair, in CommandHeader header, ProcessSlot source, out BlockTransfer transfer)
    {
        transfer = default;
        var length = header.Copy.Length;
        if (!IsPiece(pair, length))
        {
            return DvkError.Range;
        }

        var error = ProcessLookup.FindParticipant(
            source.Container, header.Copy.DestinationEndpoint, DvkError.DestinationDied, out var destination);
        if (error == DvkError.Ok)
        {
            error = destination.IsRemote ? DvkError.RemoteProcess
                : ReferenceEquals(source, destination) ? DvkError.Perm
                : CheckParticipant(source);
        }

        if (error == DvkError.Ok)
        {
            error = CheckParticipant(destination);
        }

        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!source.Thread!.Memory.TryFind(header.Copy.SourceAddress, length, out var from)
            || !destination.Thread!.Memory.TryFind(header.Copy.DestinationAddress, length, out var to))
        {
            return DvkError.Fault;
        }

        transfer = new BlockTransfer(destination, to, source, from);
        transfer.Begin();
        return DriverState.MustWait;
    }

    // This node has the source: the block goes on to the destination's node when the sender proxy for that one fetches it.
    private DvkError CopyRemote(in CommandHeader header, ProcessSlot source)
    {
        var length = header.Copy.Length;
        var container = source.Container;
        var error = ProcessLookup.FindParticipant(container, header.Copy.DestinationEndpoint, DvkError.DestinationDied, out var destination);
        if (error == DvkError.Ok)
        {
            error = destination.IsLocal ? DvkError.BadDestination : CheckParticipant(source);
        }

        ProxyPair? route = null;
        if (error == DvkError.Ok)
        {
            error = state.Commands.FindRoute(container, destination.NodeId, out route);
        }

        if (error != DvkError.Ok)
        {
            return error;
        }

        if (!IsPiece(route!, length))
        {
            return DvkError.Range;
        }

        if (!source.Thread!.Memory.TryFind(header.Copy.SourceAddress, length, out _))
        {
            return DvkError.Fault;
        }

        CommandHeader request = default;
        request.Command = CommandCode.CopyInRequest;
        request.DcId = header.DcId;
        request.SourceEndpoint = source.Endpoint;
        request.DestinationEndpoint = destination.Endpoint;
        request.SourceNode = state.LocalNodeId;
        request.DestinationNode = destination.NodeId;
        request.PayloadLength = length;
        request.ProcessId = state.Options.FillProcessId ? source.Thread.Id : 0;
        request.Copy = header.Copy;
        return state.Commands.EnqueueAnswer(request, source) ? DvkError.Ok : DvkError.NoProxy;
    }

    private static DvkError WakeRequester(in CommandHeader header, ProcessSlot source, ProcessSlot requester)
    {
        if (requester.Wait != WaitKind.Copy)
        {
            return DvkError.AckDestination;
        }

        if (!IsAwaited(requester, header))
        {
            return DvkError.ProcessStatus;
        }

        ref readonly var copy = ref requester.Operation.Header.Copy;
        if (source.Endpoint != copy.SourceEndpoint && source.Endpoint != copy.DestinationEndpoint)
        {
            return DvkError.AckSource;
        }

        var result = MessageDelivery.ResultOf(header);
        if (result == DvkError.Ok)
        {
            requester.RemoteCopies++;
        }

        Waits.Complete(requester, result);
        return DvkError.Ok;
    }

    // The answer fits the question: same command, already fetched, same copy (a driver that leaves the descriptor empty is believed).
    private static bool IsAwaited(ProcessSlot requester, in CommandHeader answer)
    {
        ref readonly var question = ref requester.Operation.Header;
        return requester.Wait == WaitKind.Copy
            && requester.Operation.Queue is null
            && (question.Command | CommandCode.AcknowledgeBit) == answer.Command
            && (answer.Copy == question.Copy || answer.Copy == default);
    }

    private static bool IsPiece(ProxyPair pair, int length) => length >= 0 && length <= pair.MaxPayload;

    private static DvkError CheckParticipant(ProcessSlot slot) =>
        !slot.IsBlockedReceiving ? DvkError.ProcessStatus : slot.IsOnCopy ? DvkError.Busy : DvkError.Ok;
}
