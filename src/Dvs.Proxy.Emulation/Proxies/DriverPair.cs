using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>A sender and a receiver for one peer, as the driver sees them. With the node's lock held.</summary>
internal sealed class DriverPair(int id)
{
    public int Id { get; } = id;

    /// <summary>Whether the pair is bound. It is free as soon as one of its threads ends; the other one keeps its part until it ends, too.</summary>
    public bool InUse { get; private set; }

    public string Name { get; private set; } = "";

    public ThreadEntry? Sender { get; private set; }

    public ThreadEntry? Receiver { get; private set; }

    public string SenderName { get; private set; } = "";

    public string ReceiverName { get; private set; } = "";

    public int MaxPayload { get; private set; }

    public bool SenderConnected { get; set; }

    public bool ReceiverConnected { get; set; }

    /// <summary>Bitmap of the nodes that the pair serves.</summary>
    public ulong Nodes { get; set; }

    public CommandQueue Queue { get; } = new(id);

    /// <summary>Answers in <see cref="Queue"/>; bounded, so that a peer cannot make the driver hoard.</summary>
    public int QueuedAnswers { get; set; }

    /// <summary>The sender sleeps in get2rmt.</summary>
    public bool SenderSleeps { get; set; }

    /// <summary>The sender has slept in get2rmt: from then on the driver shows it as receiving from anybody.</summary>
    public bool SenderHasSlept { get; set; }

    public ulong CommandsSent { get; set; }

    public ulong CommandsReceived { get; set; }

    /// <summary>Registers the two threads. The pair is free.</summary>
    public void Bind(string name, ThreadEntry sender, ThreadEntry receiver, int maxPayload)
    {
        Sender?.Leave(this);
        Receiver?.Leave(this);
        InUse = true;
        Name = name;
        MaxPayload = maxPayload;
        SenderConnected = ReceiverConnected = SenderHasSlept = false;
        CommandsSent = CommandsReceived = Nodes = 0;
        (Sender, SenderName) = (sender, LinuxThreads.NameOf(sender.Id));
        (Receiver, ReceiverName) = (receiver, LinuxThreads.NameOf(receiver.Id));
        sender.BecomeSender(this);
        receiver.BecomeReceiver(this);
    }

    /// <summary>Nobody can use the pair any more; whoever of its threads is left goes on until it ends.</summary>
    public void Free()
    {
        InUse = false;
        Name = "";
        Nodes = 0;
    }

    /// <summary>Gets the sender out of its sleep to look at the pair again.</summary>
    public void WakeSender()
    {
        if (SenderSleeps)
        {
            SenderSleeps = false;
            Sender?.Sleeper.Wake();
        }
    }
}
