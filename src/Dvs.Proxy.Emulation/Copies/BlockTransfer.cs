using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation.Processes;

namespace Dvs.Proxy.Emulation.Copies;

/// <summary>A block on its way into a process's memory: from the payload of a command, or from another process.</summary>
internal readonly struct BlockTransfer(ProcessSlot destination, MemoryBlock to, ProcessSlot? source = null, MemoryBlock from = default)
{
    private readonly int _destinationSerial = destination.Serial;
    private readonly int _sourceSerial = source?.Serial ?? 0;

    /// <summary>The process the block comes from; null where it comes from a payload.</summary>
    public ProcessSlot? Source => source;

    /// <summary>Marks the two processes as taking part in a copy. With the node's lock held.</summary>
    public void Begin()
    {
        if (source is not null)
        {
            destination.Status |= ProcessStatus.OnCopy;
            source.Status |= ProcessStatus.OnCopy;
        }
    }

    /// <summary>Moves the bytes. Without the lock.</summary>
    public void Run(ReadOnlySpan<byte> payload) => (source is null ? payload[..to.Length] : from.Span).CopyTo(to.Span);

    /// <summary>The opposite of <see cref="Begin"/>, unless the processes are others by now. With the node's lock held.</summary>
    public void End()
    {
        if (source is null)
        {
            return;
        }

        if (destination.Serial == _destinationSerial)
        {
            destination.Status &= ~ProcessStatus.OnCopy;
        }

        if (source.Serial == _sourceSerial)
        {
            source.Status &= ~ProcessStatus.OnCopy;
        }
    }
}
