using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>A slot of a DC's process table: free, a local process, or what this node knows of a remote one. With the node's lock held.</summary>
internal sealed class ProcessSlot
{
    private const string NameOfFree = "$noname";

    public ProcessSlot(Container container, int number)
    {
        Container = container;
        Number = number;
        Operation = new QueuedCommand { Owner = this };
        Notifications = new NotificationSet(container.SlotCount);
    }

    public Container Container { get; }

    public int Number { get; }

    /// <summary>Index in the table: number plus tasks.</summary>
    public int Index => Number + Container.Info.MaxTasks;

    /// <summary>The driver knows no generations: the endpoint of a slot is its number.</summary>
    public int Endpoint => Number;

    public ProcessStatus Status { get; set; } = ProcessStatus.SlotFree;

    public bool IsFree => Status == ProcessStatus.SlotFree;

    public bool IsRemote => (Status & ProcessStatus.Remote) != 0;

    public bool IsLocal => !IsFree && !IsRemote;

    public bool IsSystem => Number < Container.Info.FirstUserProcess;

    public int NodeId { get; set; } = -1;

    public ThreadEntry? Thread { get; private set; }

    /// <summary>Linux id of its thread, also when that has ended; -1 for none.</summary>
    public int ThreadId { get; private set; } = -1;

    public ProcessMiscFlags MiscFlags { get; set; }

    public string Name { get; private set; } = NameOfFree;

    /// <summary>Changes with every bind: tells whether what was looked at without the lock is still the same process.</summary>
    public int Serial { get; private set; }

    public WaitKind Wait { get; set; }

    public int ReceivesFrom { get; set; } = WellKnownEndpoint.None;

    public int SendsTo { get; set; } = WellKnownEndpoint.None;

    /// <summary>Kind of the message in <see cref="OutgoingMessage"/> while the slot is in a <see cref="CallerQueue"/>.</summary>
    public WaitKind Outgoing { get; set; }

    public Message OutgoingMessage;

    /// <summary>Who waits to send to this process.</summary>
    public CallerQueue Callers { get; } = new();

    public ProcessSlot? NextCaller { get; set; }

    public CallerQueue? QueuedAt { get; set; }

    public NotificationSet Notifications { get; }

    /// <summary>The one remote operation the process can have.</summary>
    public QueuedCommand Operation { get; }

    /// <summary>Whether <see cref="Operation"/> is under way: queued, or fetched and not yet answered.</summary>
    public bool AwaitsPeer { get; set; }

    /// <summary>Whether the sender proxy has taken <see cref="Operation"/> and the answer is outstanding.</summary>
    public bool AwaitsAnswer => AwaitsPeer && Operation.Queue is null;

    /// <summary>What to do when a process whose thread has ended got the answer to its last message; null for all others.</summary>
    public Action<ProcessSlot>? OnLastAnswer { get; set; }

    /// <summary>Local third processes of the copy this process asked for.</summary>
    public ProcessSlot? CopySource { get; set; }

    public ProcessSlot? CopyDestination { get; set; }

    public ulong LocalSent { get; set; }

    public ulong RemoteSent { get; set; }

    public ulong LocalCopies { get; set; }

    public ulong RemoteCopies { get; set; }

    /// <summary>Blocked in receive, or in the second half of sendrec: the state a third process of a copy must be in.</summary>
    public bool IsBlockedReceiving => (Status & (ProcessStatus.Sending | ProcessStatus.Receiving)) == ProcessStatus.Receiving;

    public bool IsOnCopy => (Status & ProcessStatus.OnCopy) != 0;

    /// <summary>Whether a message from <paramref name="endpoint"/> can be handed over now.</summary>
    public bool Accepts(int endpoint) => IsBlockedReceiving && (ReceivesFrom == endpoint || ReceivesFrom == WellKnownEndpoint.Any);

    /// <summary>Whether it waits for this very process, as after sendrec.</summary>
    public bool AwaitsReplyOf(int endpoint) => IsBlockedReceiving && ReceivesFrom == endpoint;

    /// <summary>Puts a process into the free slot.</summary>
    public void Occupy(int nodeId, ProcessStatus status, ProcessMiscFlags miscFlags, ThreadEntry? thread, string name)
    {
        Serial++;
        NodeId = nodeId;
        Status = status;
        MiscFlags = miscFlags;
        Thread = thread;
        ThreadId = thread?.Id ?? -1;
        Name = name;
        Wait = WaitKind.None;
        AwaitsPeer = false;
        OnLastAnswer = null;
        ReceivesFrom = SendsTo = WellKnownEndpoint.None;
        Notifications.ClearAll();
        CopySource = CopyDestination = null;
        LocalSent = RemoteSent = LocalCopies = RemoteCopies = 0;
    }

    public void Free() => Occupy(-1, ProcessStatus.SlotFree, ProcessMiscFlags.None, null, NameOfFree);

    /// <summary>Its thread is gone; the process is not, yet.</summary>
    public void LoseThread() => Thread = null;
}
