using System.Collections.Concurrent;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Control messages that other threads want sent. Only the sender thread writes to its connection, so they wait here until it passes by;
/// it is woken from the driver for them. Bounded: a peer that asks faster than it reads the answers loses answers, not our memory.
/// </summary>
internal sealed class Outbox(DriverBinding binding)
{
    private const int Capacity = 256;

    private readonly ConcurrentQueue<CommandHeader> _messages = new();

    /// <summary>True while there is nothing to send. Cheap: asked before every fetch.</summary>
    public bool IsEmpty => _messages.IsEmpty;

    /// <summary>Queues a message and wakes the sender. Returns false if the outbox is full.</summary>
    public bool TryPost(in CommandHeader message)
    {
        if (_messages.Count >= Capacity)
        {
            return false;
        }

        _messages.Enqueue(message);
        binding.WakeSender();
        return true;
    }

    /// <summary>The next message; sender thread only.</summary>
    public bool TryTake(out CommandHeader message) => _messages.TryDequeue(out message);
}
