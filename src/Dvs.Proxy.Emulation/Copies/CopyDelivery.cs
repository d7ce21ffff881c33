using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Calls;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Copies;

/// <summary>Effects of copy commands from a peer. The checks of source and destination are done; with the node's lock held.</summary>
internal sealed class CopyDelivery(DriverState state)
{
    /// <summary>Lets a command take effect; <see cref="DriverState.MustWait"/>: run <paramref name="transfer"/>, then <see cref="Finish"/>.</summary>
    public DvkError Begin(
        DriverPair pair, in CommandHeader header, int payloadLength, ProcessSlot source, ProcessSlot destination, out BlockTransfer transfer)
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
                return BeginCopyLocal(pair, header, destination.Container, out transfer);
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
                state.Commands.Acknowledge(header, CommandCode.CopyInAck, header.Copy.Length);
                break;
            case CommandCode.CopyInRequest:
                AnswerRequester(state, header, header.DestinationEndpoint, header.Copy.Length);
                break;
            case CommandCode.CopyLocalRequest:
                state.Commands.Acknowledge(header, CommandCode.CopyLocalAck, header.Copy.Length);
                Waits.EndThirdPartyCopy(state, transfer.Source!);
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

    /// <summary>COPYRMT_ACK to the requester of a copy between two other nodes, if this driver knows it: an error, or the bytes copied.</summary>
    public static void AnswerRequester(DriverState state, in CommandHeader request, int answeringEndpoint, int result)
    {
        if (state.FindContainer(request.DcId, out var container) != DvkError.Ok
            || container.SlotOf(request.Copy.RequesterEndpoint) is not { IsRemote: true } requester
            || requester.Endpoint != request.Copy.RequesterEndpoint)
        {
            return;
        }

        var header = state.Commands.Address(CommandCode.CopyRemoteAck, request.DcId, answeringEndpoint, requester.Endpoint, requester.NodeId);
        header.ResultCode = result;
        header.Copy = request.Copy;
        state.Commands.EnqueueAnswer(header, null, onlyIfConnected: result < 0);
    }

    // The destination need not wait. What goes wrong in the copy itself is told to the requester alone.
    private DvkError BeginCopyIn(
        DriverPair pair, in CommandHeader header, int payloadLength, ProcessSlot destination, out BlockTransfer transfer)
    {
        transfer = default;
        var length = header.Copy.Length;
        if (!IsPiece(pair, length) || header.PayloadLength != length || payloadLength != length)
        {
            return DvkError.Range;
        }

        if (destination.Thread is not { } thread || !thread.Memory.TryFind(header.Copy.DestinationAddress, length, out var block))
        {
            if (header.Command == CommandCode.CopyInData)
            {
                state.Commands.Acknowledge(header, CommandCode.CopyInAck, (int)DvkError.Fault);
            }
            else
            {
                AnswerRequester(state, header, header.DestinationEndpoint, (int)DvkError.Fault);
            }

            return DvkError.Ok;
        }

        transfer = new BlockTransfer(destination, block);
        return DriverState.MustWait;
    }

    // The data follows when the sender proxy fetches it; if it can't be read then, nothing follows, and the requester waits its time out.
    private DvkError CopyOut(DriverPair pair, in CommandHeader header, ProcessSlot source)
    {
        var length = header.Copy.Length;
        if (!IsPiece(pair, length))
        {
            return DvkError.Range;
        }

        var answer = state.Commands.CreateAnswer(header, CommandCode.CopyOutData, 0);
        answer.PayloadLength = length;
        return state.Commands.EnqueueAnswer(answer, source) ? DvkError.Ok : DvkError.NoProxy;
    }

    private static DvkError BeginCopyOutData(
        in CommandHeader header, int payloadLength, ProcessSlot source, ProcessSlot requester, out BlockTransfer transfer)
    {
        transfer = default;
        var error = CheckAwaited(requester, source, header);
        if (error != DvkError.Ok)
        {
            return error;
        }

        // What was asked for counts, not what the wire says.
        var copy = requester.Operation.Header.Copy;
        if (header.ResultCode < 0)
        {
            Waits.Complete(requester, (DvkError)header.ResultCode);
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

    // The header names the copy's destination; its descriptor names both.
    private static DvkError BeginCopyLocal(DriverPair pair, in CommandHeader header, Container container, out BlockTransfer transfer)
    {
        transfer = default;
        var length = header.Copy.Length;
        if (!IsPiece(pair, length))
        {
            return DvkError.Range;
        }

        var error = FindLocal(container, header.Copy.SourceEndpoint, DvkError.SourceDied, out var source);
        if (error == DvkError.Ok)
        {
            error = FindLocal(container, header.Copy.DestinationEndpoint, DvkError.DestinationDied, out var destination);
            if (error == DvkError.Ok)
            {
                error = ReferenceEquals(source, destination) ? DvkError.Endpoint : CheckParticipant(source);
            }

            if (error == DvkError.Ok)
            {
                error = CheckParticipant(destination);
            }

            if (error == DvkError.Ok)
            {
                error = FindBlocks(header, source, destination, out transfer);
            }
        }

        return error;
    }

    private static DvkError FindLocal(Container container, int endpoint, DvkError ifFree, out ProcessSlot slot)
    {
        var error = ProcessLookup.FindParticipant(container, endpoint, ifFree, out slot);
        return error == DvkError.Ok && slot.IsRemote ? DvkError.RemoteProcess : error;
    }

    private static DvkError FindBlocks(in CommandHeader header, ProcessSlot source, ProcessSlot destination, out BlockTransfer transfer)
    {
        transfer = default;
        if (!source.Thread!.Memory.TryFind(header.Copy.SourceAddress, header.Copy.Length, out var from)
            || !destination.Thread!.Memory.TryFind(header.Copy.DestinationAddress, header.Copy.Length, out var to))
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

        DriverPair? route = null;
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

        // The kernel driver puts the node where the endpoint belongs. It is the proxies that mend it.
        var request = state.Commands.Address(CommandCode.CopyInRequest, header.DcId, source.Endpoint, destination.NodeId, destination.NodeId);
        request.PayloadLength = length;
        request.Copy = header.Copy;
        return state.Commands.EnqueueAnswer(request, source) ? DvkError.Ok : DvkError.NoProxy;
    }

    private static DvkError WakeRequester(in CommandHeader header, ProcessSlot source, ProcessSlot requester)
    {
        var error = CheckAwaited(requester, source, header);
        if (error == DvkError.Ok)
        {
            var isDone = header.ResultCode >= 0;
            requester.RemoteCopies += isDone ? 1UL : 0;
            Waits.Complete(requester, isDone ? DvkError.Ok : (DvkError)header.ResultCode);
        }

        return error;
    }

    private static DvkError CheckAwaited(ProcessSlot requester, ProcessSlot source, in CommandHeader answer)
    {
        if (requester.Wait != WaitKind.Copy)
        {
            return DvkError.ProcessRunning;
        }

        ref readonly var copy = ref requester.Operation.Header.Copy;
        return source.Endpoint != copy.SourceEndpoint && source.Endpoint != copy.DestinationEndpoint ? DvkError.AckSource
            : IsAwaited(requester, answer) ? DvkError.Ok
            : DvkError.ProcessStatus;
    }

    // The answer fits the question: same command, already fetched, same copy (a driver that leaves the descriptor empty is believed).
    private static bool IsAwaited(ProcessSlot requester, in CommandHeader answer)
    {
        ref readonly var question = ref requester.Operation.Header;
        return requester.Wait == WaitKind.Copy
            && requester.AwaitsAnswer
            && (question.Command | CommandCode.AcknowledgeBit) == answer.Command
            && (answer.Copy == question.Copy || answer.Copy == default);
    }

    private static bool IsPiece(DriverPair pair, int length) => length >= 0 && length <= pair.MaxPayload;

    private static DvkError CheckParticipant(ProcessSlot slot) =>
        !slot.IsBlockedReceiving || slot.Thread is null ? DvkError.ProcessStatus : slot.IsOnCopy ? DvkError.Busy : DvkError.Ok;
}
