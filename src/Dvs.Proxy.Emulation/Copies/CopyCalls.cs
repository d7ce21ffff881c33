using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Calls;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Copies;

/// <summary>vcopy as its requester sees it.</summary>
internal sealed class CopyCalls(DriverState state)
{
    private readonly int _pieceTimeout = (int)Math.Clamp(state.Options.CopyPieceTimeout.TotalMilliseconds, 1, int.MaxValue);

    public DvkError Copy(in CopyDescriptor request)
    {
        var rest = request;
        if (IsOutOfRange(rest.Length))
        {
            return DvkError.Range;
        }

        do
        {
            var error = CopyPiece(ref rest);
            if (error != DvkError.Ok)
            {
                return error;
            }
        }
        while (rest.Length > 0);

        return DvkError.Ok;
    }

    // What comes before all other checks, even before the question who asks.
    private bool IsOutOfRange(int length) => length < 0 || (state.Info is { } info && length > info.MaxCopyLength);

    // One piece: all of it where both processes are here, else what the pair carries. Takes what it did off the descriptor.
    private DvkError CopyPiece(ref CopyDescriptor rest)
    {
        ProcessSlot requester;
        ThreadEntry thread;
        MemoryBlock source;
        MemoryBlock destination;
        var piece = rest;
        int serial;
        lock (state.Lock)
        {
            var error = state.FindCaller(out requester);
            if (error == DvkError.Ok)
            {
                error = Begin(requester, ref piece, out source, out destination);
            }
            else
            {
                source = destination = default;
            }

            if (error != DvkError.Ok && error != DriverState.MustWait)
            {
                return error;
            }

            thread = requester.Thread!;
            serial = requester.Serial;
            if (error == DvkError.Ok && piece.Length == 0)
            {
                rest.Length = 0;
                return DvkError.Ok;
            }

            if (error == DriverState.MustWait)
            {
                source = destination = default;
            }
        }

        var result = source.Length > 0
            ? CopyHere(requester, serial, source, destination)
            : Waits.Finish(state, thread, _pieceTimeout);
        rest.SourceAddress += (uint)piece.Length;
        rest.DestinationAddress += (uint)piece.Length;
        rest.Length -= piece.Length;
        return result;
    }

    private DvkError CopyHere(ProcessSlot requester, int serial, MemoryBlock source, MemoryBlock destination)
    {
        source.Span.CopyTo(destination.Span);
        lock (state.Lock)
        {
            if (requester.Serial != serial)
            {
                return DvkError.NotBind;
            }

            // Only what a process copies to or from itself counts as its own.
            var from = requester.CopySource!;
            var isOwn = ReferenceEquals(from, requester) || ReferenceEquals(requester.CopyDestination, requester);
            Waits.EndCopy(requester);
            if (isOwn)
            {
                requester.LocalCopies++;
            }
            else
            {
                Waits.EndThirdPartyCopy(state, from);
            }

            return DvkError.Ok;
        }
    }

    /// <summary>Ok: copy the blocks now. <see cref="DriverState.MustWait"/>: a request was queued.</summary>
    private DvkError Begin(ProcessSlot requester, ref CopyDescriptor piece, out MemoryBlock sourceBlock, out MemoryBlock destinationBlock)
    {
        sourceBlock = destinationBlock = default;
        var error = FindParticipants(requester, ref piece, out var source, out var destination);
        if (error != DvkError.Ok || piece.Length == 0)
        {
            return error;
        }

        var isHere = source.IsLocal && destination.IsLocal;
        DriverPair? pair = null;
        if (!isHere)
        {
            error = Route(requester, source, destination, ref piece, out pair);
        }

        if (error == DvkError.Ok
            && ((source.IsLocal && !source.Thread!.Memory.TryFind(piece.SourceAddress, piece.Length, out sourceBlock))
                || (destination.IsLocal && !destination.Thread!.Memory.TryFind(piece.DestinationAddress, piece.Length, out destinationBlock))))
        {
            error = DvkError.Fault;
        }

        if (error != DvkError.Ok)
        {
            return error;
        }

        Waits.BeginCopy(requester, source, destination);
        return isHere ? DvkError.Ok : BeginRemote(requester, source, destination, pair!, piece);
    }

    private static DvkError FindParticipants(
        ProcessSlot requester, ref CopyDescriptor piece, out ProcessSlot source, out ProcessSlot destination)
    {
        var error = ProcessLookup.FindParticipants(requester, ref piece, out source, out destination);
        if (error != DvkError.Ok)
        {
            return error;
        }

        if (requester.IsOnCopy || source.IsOnCopy || destination.IsOnCopy)
        {
            return DvkError.OnCopy;
        }

        return IsReady(requester, source) && IsReady(requester, destination) ? DvkError.Ok : DvkError.ProcessStatus;
    }

    // A remote process is checked by its own driver.
    private static bool IsReady(ProcessSlot requester, ProcessSlot participant) =>
        ReferenceEquals(participant, requester) || participant.IsRemote || participant is { IsBlockedReceiving: true, Thread: not null };

    private DvkError Route(
        ProcessSlot requester, ProcessSlot source, ProcessSlot destination, ref CopyDescriptor piece, out DriverPair pair)
    {
        var container = requester.Container;
        var error = state.Commands.FindRoute(container, source.IsRemote ? source.NodeId : destination.NodeId, out pair);
        if (error == DvkError.Ok && destination.IsRemote && !container.HasNode(destination.NodeId))
        {
            error = DvkError.NodeNotInDc;
        }

        if (error == DvkError.Ok)
        {
            piece.Length = Math.Min(piece.Length, pair.MaxPayload);
        }

        return error;
    }

    private DvkError BeginRemote(
        ProcessSlot requester, ProcessSlot source, ProcessSlot destination, DriverPair pair, in CopyDescriptor piece)
    {
        var peer = source.IsRemote ? source : destination;
        var command = source.IsLocal ? CommandCode.CopyInData
            : destination.IsLocal ? CommandCode.CopyOutRequest
            : source.NodeId == destination.NodeId ? CommandCode.CopyLocalRequest
            : CommandCode.CopyRemoteRequest;

        // A copy within the peer's node is asked of its destination.
        peer = command == CommandCode.CopyLocalRequest ? destination : peer;
        state.Commands.Prepare(requester, command, peer.Endpoint, peer.NodeId);
        var operation = requester.Operation;
        operation.Header.Copy = piece;
        if (command == CommandCode.CopyInData)
        {
            operation.Header.PayloadLength = piece.Length;
            operation.BlockSource = source;
            operation.BlockSourceSerial = source.Serial;
        }

        requester.SendsTo = peer.Endpoint;
        var wait = Waits.Start(requester, WaitKind.Copy, _pieceTimeout);
        if (wait == DriverState.MustWait)
        {
            CommandDispatcher.EnqueueRequest(pair, requester);
        }

        return wait;
    }
}
