using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>Puts commands into the queues of the sender proxies and takes them out. With the node's lock held.</summary>
internal sealed class CommandDispatcher(DriverState state)
{
    private readonly Stack<QueuedCommand> _pool = new();

    /// <summary>Answers that were dropped because the queue of their pair was full.</summary>
    public ulong DroppedAnswers { get; private set; }

    /// <summary>The connected pair that leads to a node of the DC, or why there is none.</summary>
    public DvkError FindRoute(Container container, int nodeId, out DriverPair pair)
    {
        pair = null!;
        if (!container.HasNode(nodeId))
        {
            return DvkError.NodeNotInDc;
        }

        if (state.FindNode(nodeId)?.Pair is not { InUse: true } found)
        {
            return DvkError.NoProxy;
        }

        pair = found;
        return found.SenderConnected ? DvkError.Ok : DvkError.NotConnected;
    }

    /// <summary>Fills the header of the request of a local process, all but message and copy descriptor.</summary>
    public void Prepare(ProcessSlot owner, CommandCode command, int destinationEndpoint, int destinationNode)
    {
        owner.Operation.Header = Address(command, owner.Container.Id, owner.Endpoint, destinationEndpoint, destinationNode);
    }

    /// <summary>The header of a command from this node, with nothing in it but what it is, whose, and where it goes.</summary>
    public CommandHeader Address(CommandCode command, int dcId, int sourceEndpoint, int destinationEndpoint, int destinationNode) => new()
    {
        Command = command,
        DcId = dcId,
        SourceEndpoint = sourceEndpoint,
        DestinationEndpoint = destinationEndpoint,
        SourceNode = state.LocalNodeId,
        DestinationNode = destinationNode,
    };

    /// <summary>Queues the prepared request of a local process.</summary>
    public static void EnqueueRequest(DriverPair pair, ProcessSlot owner)
    {
        owner.Status |= ProcessStatus.RemoteOperation;
        owner.AwaitsPeer = true;
        pair.Queue.Add(owner.Operation);
        pair.WakeSender();
    }

    /// <summary>Takes a request back that its process no longer waits for.</summary>
    public static void Withdraw(QueuedCommand command)
    {
        command.Queue?.Remove(command);
        command.BlockSource = null;
    }

    /// <summary>Queues an answer; its header is complete. The block, if any, is taken from <paramref name="blockSource"/> when it is fetched.</summary>
    /// <returns>False if it could not be queued.</returns>
    public bool EnqueueAnswer(in CommandHeader header, ProcessSlot? blockSource = null, bool onlyIfConnected = false)
    {
        if (state.FindNode(header.DestinationNode)?.Pair is not { InUse: true } pair || (onlyIfConnected && !pair.SenderConnected))
        {
            return false;
        }

        var info = state.Info!;
        if (pair.QueuedAnswers >= info.MaxDcs * (info.MaxProcesses + info.MaxTasks))
        {
            DroppedAnswers++;
            return false;
        }

        var command = _pool.Count > 0 ? _pool.Pop() : new QueuedCommand();
        command.Header = header;
        if (blockSource is not null)
        {
            command.BlockSource = blockSource;
            command.BlockSourceSerial = blockSource.Serial;
            blockSource.Status |= ProcessStatus.OnCopy;
        }

        pair.QueuedAnswers++;
        pair.Queue.Add(command);
        pair.WakeSender();
        return true;
    }

    /// <summary>
    /// Answers <paramref name="request"/> with <paramref name="answer"/>: back to its source, carrying <paramref name="result"/> (an error, or what
    /// was done: the bytes of a copy) and the request's copy descriptor.
    /// </summary>
    public bool Acknowledge(in CommandHeader request, CommandCode answer, int result, bool onlyIfConnected = false) =>
        EnqueueAnswer(CreateAnswer(request, answer, result), null, onlyIfConnected);

    /// <summary>The answer to <paramref name="request"/>, without a block.</summary>
    public CommandHeader CreateAnswer(in CommandHeader request, CommandCode answer, int result)
    {
        var header = Address(answer, request.DcId, request.DestinationEndpoint, request.SourceEndpoint, request.SourceNode);
        header.ResultCode = result;
        header.Copy = request.Copy;
        return header;
    }

    /// <summary>SEND_ACK to a remote process whose message was received, or never will be.</summary>
    public void AcknowledgeSend(ProcessSlot remoteSender, int receiverEndpoint, DvkError result)
    {
        CommandHeader request = default;
        request.DcId = remoteSender.Container.Id;
        request.SourceEndpoint = remoteSender.Endpoint;
        request.SourceNode = remoteSender.NodeId;
        request.DestinationEndpoint = receiverEndpoint;
        Acknowledge(request, CommandCode.SendAck, (int)result);
    }

    /// <summary>Takes a command off its queue for good; a pooled one goes back to the pool, its block source takes part in no copy any more.</summary>
    public void Remove(DriverPair pair, QueuedCommand command)
    {
        pair.Queue.Remove(command);
        if (command.Owner is not null)
        {
            command.BlockSource = null;
            return;
        }

        if (command.BlockSource is { } source && source.Serial == command.BlockSourceSerial)
        {
            source.Status &= ~ProcessStatus.OnCopy;
        }

        command.BlockSource = null;
        pair.QueuedAnswers--;
        _pool.Push(command);
    }

    /// <summary>Drops everything queued for a pair; waiting processes fail with <paramref name="error"/>.</summary>
    public void Flush(DriverPair pair, DvkError error)
    {
        while (pair.Queue.First is { } command)
        {
            Remove(pair, command);
            if (command.Owner is { } owner)
            {
                Waits.Complete(owner, error);
            }
        }
    }
}
