using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Emulation.Proxies;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Threads;

/// <summary>What the driver knows of one thread. All members belong to the node's lock, but for the results of a finished sleep.</summary>
internal sealed class ThreadEntry(int id)
{
    public int Id { get; } = id;

    /// <summary>Identity of the thread once it called itself; see <see cref="LinuxThreads.CurrentToken"/>.</summary>
    public object? Token { get; set; }

    public Sleeper Sleeper { get; } = new();

    /// <summary>The process this thread is.</summary>
    public ProcessSlot? Process { get; set; }

    /// <summary>The pair this thread is the sender of. A thread has one part in one pair: that of the last bind.</summary>
    public DriverPair? SenderOf { get; private set; }

    /// <summary>The pair this thread is the receiver of.</summary>
    public DriverPair? ReceiverOf { get; private set; }

    /// <summary>The pair was unbound from outside: proxy calls of this thread end with EDVSSHUTDOWN.</summary>
    public bool ProxyShutDown { get; set; }

    /// <summary>A receive that the kernel driver never lets go of was refused: later calls do not return. See
    /// <see cref="EmulatedDvkOptions.StrictlyAsReal"/>.</summary>
    public bool IsStuck { get; set; }

    public bool IsProxy => SenderOf is not null || ReceiverOf is not null;

    /// <summary>Memory of this thread that may take part in copies.</summary>
    public ProcessMemory Memory { get; } = new();

    public bool InterruptPending { get; set; }

    // Written by the waker before it wakes, read by the woken thread without the lock.
    public DvkError Result;
    public Message Message;

    // What the thread waits for in wait4bind.
    public WaitForBindKind BindWaitKind;
    public Container? BindWaitContainer;
    public int BindWaitEndpoint;

    public void BecomeSender(DriverPair pair) => (SenderOf, ReceiverOf, ProxyShutDown) = (pair, null, false);

    public void BecomeReceiver(DriverPair pair) => (SenderOf, ReceiverOf, ProxyShutDown) = (null, pair, false);

    /// <summary>The thread has no part in <paramref name="pair"/> any more.</summary>
    public void Leave(DriverPair pair)
    {
        SenderOf = ReferenceEquals(SenderOf, pair) ? null : SenderOf;
        ReceiverOf = ReferenceEquals(ReceiverOf, pair) ? null : ReceiverOf;
    }

    /// <summary>True, once, after an interrupt.</summary>
    public bool TakeInterrupt()
    {
        var pending = InterruptPending;
        InterruptPending = false;
        return pending;
    }
}
