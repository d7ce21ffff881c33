using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Emulation.Threads;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>A slot of a DC's process table: free, a local process, or what this node knows of a remote one. With the node's lock held.</summary>
internal sealed class ProcessSlot
{
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

    public int Endpoint { get; set; } = WellKnownEndpoint.None;

    public ProcessStatus Status { get; set; } = ProcessStatus.SlotFree;

    public bool IsFree => Status == ProcessStatus.SlotFree;

    public bool IsRemote => (Status & ProcessStatus.Remote) != 0;

    public bool IsLocal => !IsFree && !IsRemote;

    public bool IsSystem => Number < Container.Info.FirstUserProcess;

    public int NodeId { get; set; } = -1;

    public ThreadEntry? Thread { get; set; }

    public string Name { get; set; } = "";

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

    /// <summary>Update bits that came with notifications and were not yet received.</summary>
    public uint UpdateBits { get; set; }

    public bool NotifyPending => UpdateBits != 0 || Notifications.First >= 0;

    /// <summary>The one remote operation the process can have.</summary>
    public QueuedCommand Operation { get; }

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
    public bool Accepts(int endpoint, bool isRequest) =>
        IsBlockedReceiving && (ReceivesFrom == endpoint || ReceivesFrom == WellKnownEndpoint.Any) && (Wait != WaitKind.ReceiveRequest || isRequest);

    /// <summary>Whether it waits for this very process, as after sendrec.</summary>
    public bool AwaitsReplyOf(int endpoint) => IsBlockedReceiving && ReceivesFrom == endpoint;

    public void Occupy(int endpoint, int nodeId, ProcessStatus status, ThreadEntry? thread, string name)
    {
        Serial++;
        Endpoint = endpoint;
        NodeId = nodeId;
        Status = status;
        Thread = thread;
        Name = name;
        Wait = WaitKind.None;
        ReceivesFrom = SendsTo = WellKnownEndpoint.None;
        Notifications.ClearAll();
        UpdateBits = 0;
        CopySource = CopyDestination = null;
        LocalSent = RemoteSent = LocalCopies = RemoteCopies = 0;
    }

    public void Free()
    {
        Occupy(WellKnownEndpoint.None, -1, ProcessStatus.SlotFree, null, "");
    }
}
