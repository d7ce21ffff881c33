using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
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
                    error = timeoutMilliseconds == 0 ? DvkError.TimedOut : DriverState.MustWait;
                }

                if (error == DriverState.MustWait)
                {
                    thread.Sleeper.Prepare();
                    thread.SenderOf!.SenderSleeps = thread.SenderOf.SenderHasSlept = true;
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
        if (pair.Queue.First is { } command)
        {
            error = Check(command, payloadCapacity, out block);
            if (error != DvkError.Ok)
            {
                FailBack(pair, command, error);
                return error;
            }

            HandOut(pair, command, out header);
            return DvkError.Ok;
        }

        return DriverState.MustWait;
    }

    private DvkError FindPair(out ThreadEntry thread, out DriverPair pair)
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
                : caller.ReceiverOf is not null ? DvkError.BadCall
                : caller.Process is not null ? DvkError.NoProxy
                : DvkError.NotBind;
        }

        pair = found;
        return thread.TakeInterrupt() ? DvkError.Interrupted
            : found.SenderConnected ? DvkError.Ok
            : DvkError.NotConnected;
    }

    private DvkError Check(QueuedCommand command, int payloadCapacity, out MemoryBlock block)
    {
        block = default;
        var error = command.Owner is { } owner ? CheckRequest(owner.Container, command.Header) : CheckAnswer(command.Header);
        if (error != DvkError.Ok || command.Header.PayloadLength == 0)
        {
            return error;
        }

        return command.Header.PayloadLength > payloadCapacity ? DvkError.TooBig
            : TryFindBlock(command, out block) ? DvkError.Ok
            : DvkError.Fault;
    }

    // A request can have outlived what it was made for.
    private static DvkError CheckRequest(Container container, in CommandHeader header)
    {
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

        return destination.NodeId == header.DestinationNode ? DvkError.Ok : DvkError.NoNode;
    }

    // The acknowledgement of a block for a process that is not there is the one answer that does not go.
    private DvkError CheckAnswer(in CommandHeader header) =>
        header.Command == CommandCode.CopyInAck
        && state.FindContainer(header.DcId, out var container) == DvkError.Ok
        && container.SlotOf(header.SourceEndpoint) is { IsFree: true }
            ? DvkError.BadProcess
            : DvkError.Ok;

    private static bool TryFindBlock(QueuedCommand command, out MemoryBlock block)
    {
        block = default;
        ref readonly var header = ref command.Header;
        return command.BlockSource is { } source
            && source.Serial == command.BlockSourceSerial
            && source.Thread is { } thread
            && thread.Memory.TryFind(header.Copy.SourceAddress, header.PayloadLength, out block);
    }

    private void HandOut(DriverPair pair, QueuedCommand command, out CommandHeader header)
    {
        var now = Timestamp.Now(state.Options.TimeProvider);
        header = command.Header;
        if (state.Options.FillTimestamp)
        {
            header.Timestamp = now;
        }

        if (state.Options.FillProcessId)
        {
            header.ProcessId = FindThreadId(command);
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

    // Who speaks: the process that asked, or the one in whose name is answered; -1 where nobody is bound.
    private int FindThreadId(QueuedCommand command)
    {
        if (command.Owner is { } owner)
        {
            return owner.ThreadId;
        }

        ref readonly var header = ref command.Header;
        return state.FindContainer(header.DcId, out var container) == DvkError.Ok && container.SlotOf(header.SourceEndpoint) is { } slot
            ? slot.ThreadId
            : -1;
    }

    private static void Advance(ProcessSlot owner)
    {
        owner.Status &= ~ProcessStatus.RemoteOperation;
        switch (owner.Wait)
        {
            case WaitKind.Notify:
                Waits.Complete(owner, DvkError.Ok);
                break;
            case WaitKind.SendReceive:
                owner.Status &= ~ProcessStatus.Sending;
                owner.SendsTo = WellKnownEndpoint.None;
                break;
            default:
                break;
        }
    }

    // The command cannot go: whoever waits for it here hears so. The peer hears nothing: who waits there has only its own limit.
    private void FailBack(DriverPair pair, QueuedCommand command, DvkError error)
    {
        state.Commands.Remove(pair, command);
        if (command.Owner is { } owner)
        {
            Waits.Complete(owner, error);
        }
    }
}
