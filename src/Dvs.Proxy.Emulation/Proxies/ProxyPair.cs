using Dvs.Proxy.Emulation.Threads;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>A sender and a receiver for one peer, as the driver sees them. With the node's lock held.</summary>
internal sealed class ProxyPair(int id)
{
    public int Id { get; } = id;

    public bool InUse { get; set; }

    public string Name { get; set; } = "";

    public ThreadEntry? Sender { get; set; }

    public ThreadEntry? Receiver { get; set; }

    public int MaxPayload { get; set; }

    public bool SenderConnected { get; set; }

    public bool ReceiverConnected { get; set; }

    /// <summary>Bitmap of the nodes that the pair serves.</summary>
    public ulong Nodes { get; set; }

    public CommandQueue Queue { get; } = new();

    /// <summary>Answers in <see cref="Queue"/>; bounded, so that a peer cannot make the driver hoard.</summary>
    public int QueuedAnswers { get; set; }

    /// <summary>The sender sleeps in get2rmt.</summary>
    public bool SenderSleeps { get; set; }

    public ulong CommandsSent { get; set; }

    public ulong CommandsReceived { get; set; }

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
