using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Calls;

/// <summary>get2rmt: hands queued commands to the sender proxy.</summary>
internal sealed class CommandFetch(DriverState state)
{
    public DvkError Fetch(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var deadline = timeoutMilliseconds <= 0 ? long.MaxValue : Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            ThreadEntry thread;
            DvkError error;
            MemoryBlock block;
            lock (state.Lock)
            {
                error = TryFetch(payload.Length, out thread, out header, out block);
                if (error == DriverState.MustWait)
                {
                    error = timeoutMilliseconds == 0 ? DvkError.TimedOut
                        : thread.TakeInterrupt() ? DvkError.Interrupted
                        : DriverState.MustWait;
                }

                if (error == DriverState.MustWait)
                {
                    thread.Sleeper.Prepare();
                    thread.SenderOf!.SenderSleeps = true;
                }
            }

            if (error == DvkError.Ok && block.Length > 0)
            {
                // Without the lock: the block keeps its memory alive whatever its process does.
                block.Span.CopyTo(payload);
            }

            if (error != DriverState.MustWait)
            {
                return error;
            }

            if (thread.Sleeper.Wait(timeoutMilliseconds) == WakeReason.TimedOut)
            {
                timeoutMilliseconds = 0;
            }
            else if (deadline != long.MaxValue)
            {
                timeoutMilliseconds = (int)Math.Max(0, deadline - Environment.TickCount64);
            }

            // Back to the top: whatever ended the sleep (a command, a disconnect, an unbind, an interrupt) shows there.
        }
    }

    private DvkError TryFetch(int payloadCapacity, out ThreadEntry thread, out CommandHeader header, out MemoryBlock block)
    {
        header = default;
        block = default;
        var error = FindPair(out thread, out var pair);
        if (error != DvkError.Ok)
        {
            return error;
        }

        pair.SenderSleeps = false;
        while (pair.Queue.First is { } command)
        {
            error = Check(command);
            if (error == DvkError.Ok && command.Header.PayloadLength > payloadCapacity)
            {
                error = DvkError.TooBig;
            }

            if (error != DvkError.Ok)
            {
                FailBack(pair, command, error);
                return error;
            }

            if (command.Header.PayloadLength > 0 && !TryFindBlock(command, out block))
            {
                FailBack(pair, command, DvkError.Fault);
                continue;
            }

            HandOut(pair, command, out header);
            return DvkError.Ok;
        }

        return DriverState.MustWait;
    }

    private DvkError FindPair(out ThreadEntry thread, out ProxyPair pair)
    {
        thread = null!;
        pair = null!;
        if (state.Info is null)
        {
            return DvkError.DvsNotInitialised;
        }

        if (state.Threads.Current is not { } caller)
        {
            return DvkError.NotBind;
        }

        thread = caller;
        if (caller.SenderOf is not { } found)
        {
            return caller.ProxyShutDown ? DvkError.Shutdown
                : caller.ReceiverOf is not null ? DvkError.BadProxy
                : caller.Process is not null ? DvkError.NoProxy
                : DvkError.NotBind;
        }

        pair = found;
        return found.SenderConnected ? DvkError.Ok : DvkError.NotConnected;
    }

    // Only a request can have outlived what it was made for; an answer goes to the node it came from.
    private static DvkError Check(QueuedCommand command)
    {
        if (command.Owner is not { } owner)
        {
            return DvkError.Ok;
        }

        ref readonly var header = ref command.Header;
        var container = owner.Container;
        if (!container.HasNode(header.DestinationNode))
        {
            return DvkError.NodeNotInDc;
        }

        if (container.SlotOf(header.DestinationEndpoint) is not { IsFree: false } destination)
        {
            return DvkError.NotBind;
        }

        if ((destination.Status & ProcessStatus.Migrating) != 0)
        {
            return DvkError.Migrating;
        }

        return destination.Endpoint == header.DestinationEndpoint && destination.NodeId == header.DestinationNode
            ? DvkError.Ok
            : DvkError.NoNode;
    }

    private static bool TryFindBlock(QueuedCommand command, out MemoryBlock block)
    {
        block = default;
        ref readonly var header = ref command.Header;
        return command.BlockSource is { } source
            && source.Serial == command.BlockSourceSerial
            && source.Thread is { } thread
            && thread.Memory.TryFind(header.Copy.SourceAddress, header.PayloadLength, out block);
    }

    private void HandOut(ProxyPair pair, QueuedCommand command, out CommandHeader header)
    {
        var now = Timestamp.Now(state.Options.TimeProvider);
        header = command.Header;
        if (state.Options.FillTimestamp)
        {
            header.Timestamp = now;
        }

        state.Commands.Remove(pair, command);
        pair.CommandsSent++;
        if (state.FindNode(header.DestinationNode) is { } node)
        {
            node.CommandsSent++;
            node.LastSent = now;
        }

        if (command.Owner is { } owner)
        {
            Advance(owner);
        }
    }

    private static void Advance(ProcessSlot owner)
    {
        switch (owner.Wait)
        {
            case WaitKind.Notify:
                owner.RemoteSent++;
                Waits.Complete(owner, DvkError.Ok);
                break;
            case WaitKind.SendReceive:
                owner.RemoteSent++;
                owner.Status &= ~ProcessStatus.Sending;
                break;
            case WaitKind.Copy:
                break;
            default:
                owner.RemoteSent++;
                break;
        }
    }

    /// <summary>The command cannot go: whoever waits for it hears so.</summary>
    private void FailBack(ProxyPair pair, QueuedCommand command, DvkError error)
    {
        var header = command.Header;
        state.Commands.Remove(pair, command);
        if (command.Owner is { } owner)
        {
            Waits.Complete(owner, error);
        }
        else if (header.Command == CommandCode.CopyOutData)
        {
            header.ResultCode = (int)error;
            header.PayloadLength = 0;
            state.Commands.EnqueueAnswer(header);
        }
        else if (header.Command == CommandCode.CopyInRequest)
        {
            CopyDelivery.AnswerRequester(state, header, header.SourceEndpoint, error);
        }
    }
}
