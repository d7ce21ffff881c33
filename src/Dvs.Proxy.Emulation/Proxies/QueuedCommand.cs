using Dvs.Proxy.Emulation.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation.Proxies;

/// <summary>A command for a peer: the request of a local process (then it lives in its slot) or an answer to a remote one (then it comes
/// from a pool).</summary>
internal sealed class QueuedCommand
{
    public CommandHeader Header;

    public QueuedCommand? Previous { get; set; }

    public QueuedCommand? Next { get; set; }

    /// <summary>The queue it is in; null when it is in none.</summary>
    public CommandQueue? Queue { get; set; }

    /// <summary>The local process that waits for the outcome; null for an answer.</summary>
    public ProcessSlot? Owner { get; init; }

    /// <summary>The process whose memory the block comes from.</summary>
    public ProcessSlot? BlockSource { get; set; }

    /// <summary><see cref="ProcessSlot.Serial"/> of <see cref="BlockSource"/> when the command was made.</summary>
    public int BlockSourceSerial { get; set; }
}
