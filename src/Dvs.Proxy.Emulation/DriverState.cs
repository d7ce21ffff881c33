using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation;

/// <summary>
/// Everything one node's driver knows, under one lock. The calls (folder Calls) take the lock; the methods here expect it held.
/// </summary>
internal sealed class DriverState
{
    /// <summary>Marks "the caller must sleep now" among results; no driver result has this value.</summary>
    public const DvkError MustWait = (DvkError)1;

    public DriverState(EmulatedDvkOptions options)
    {
        Options = options;
        Threads = new ThreadRegistry(thread => Lifetimes!.EndThread(thread));
        Commands = new CommandDispatcher(this);
        Lifetimes = new Lifetimes(this);
    }

    public Lock Lock { get; } = new();

    public EmulatedDvkOptions Options { get; }

    /// <summary>Limits; null while the DVS is not initialised.</summary>
    public DvsInfo? Info { get; set; }

    public int LocalNodeId { get; set; } = -1;

    public NodeState[] Nodes { get; set; } = [];

    public DriverPair[] Pairs { get; set; } = [];

    public Container?[] Containers { get; set; } = [];

    /// <summary>What each DC was when it ran last; null where it never did.</summary>
    public DcInfo?[] EndedContainers { get; set; } = [];

    public ThreadRegistry Threads { get; }

    public CommandDispatcher Commands { get; }

    public Lifetimes Lifetimes { get; }

    /// <summary>Threads that sleep in wait4bind.</summary>
    public List<ThreadEntry> BindWaiters { get; } = [];

    /// <summary>Threads to ask to end once the lock is released.</summary>
    public List<TerminateRequestedEventArgs> Terminations { get; } = [];

    /// <summary>Threads that sleep until others are gone, in proxies_unbind or dc_end.</summary>
    public List<ThreadEntry> EndWaiters { get; } = [];

    /// <summary>Asks threads to end that the last call made superfluous. Without the lock.</summary>
    public void RaiseTerminations()
    {
        while (true)
        {
            TerminateRequestedEventArgs next;
            lock (Lock)
            {
                if (Terminations.Count == 0)
                {
                    return;
                }

                next = Terminations[0];
                Terminations.RemoveAt(0);
            }

            TerminateRequested?.Invoke(next);
        }
    }

    /// <summary>Set once by the device.</summary>
    public Action<TerminateRequestedEventArgs>? TerminateRequested { get; set; }

    /// <summary>The limits, or the refusal of what needs an initialised DVS.</summary>
    public DvsInfo Require(string attempted) =>
        Info ?? throw DvkAdvice.Refusal(DvkCall.GetDvsInfo, DvkError.DvsNotInitialised, attempted);

    /// <summary>The running DC of that id; the error otherwise.</summary>
    public DvkError FindContainer(int dcId, out Container container)
    {
        container = null!;
        if (Info is null)
        {
            return DvkError.DvsNotInitialised;
        }

        if ((uint)dcId >= (uint)Containers.Length)
        {
            return DvkError.BadDcId;
        }

        if (Containers[dcId] is not { } found)
        {
            return DvkError.DcNotRunning;
        }

        container = found;
        return DvkError.Ok;
    }

    /// <summary>The remote or local node of that id; null if there can be none.</summary>
    public NodeState? FindNode(int nodeId) => (uint)nodeId < (uint)Nodes.Length ? Nodes[nodeId] : null;

    /// <summary>The process the calling thread is; the error otherwise.</summary>
    public DvkError FindCaller(out ProcessSlot caller)
    {
        caller = null!;
        if (Info is null)
        {
            return DvkError.DvsNotInitialised;
        }

        var thread = Threads.Current;
        if (thread?.Process is not { } slot)
        {
            return thread is { IsProxy: true } ? DvkError.BadCall : DvkError.NotBind;
        }

        caller = slot;
        return DvkError.Ok;
    }

    /// <summary>The process the calling thread is; an unbound one stands for the main thread of its process. Null where neither is bound.</summary>
    public ProcessSlot? FindOwnOrMain() => Threads.Current is { Process: { } own } ? own : Threads.Find(Environment.ProcessId)?.Process;
}
