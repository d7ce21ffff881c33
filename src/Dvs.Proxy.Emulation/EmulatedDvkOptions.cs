using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Emulation;

/// <summary>How an <see cref="EmulatedDvk"/> behaves where real drivers differ. Immutable; shared freely between nodes.</summary>
public sealed record EmulatedDvkOptions
{
    /// <summary>Layout of the message bodies the driver builds itself (notifications). All nodes of a cluster share one.</summary>
    public DataModel DataModel { get; init; } = DataModel.Lp64;

    /// <summary>Clock for time stamps. Time-outs of blocking calls run on the machine's own clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether get2rmt fills <see cref="CommandHeader.ProcessId"/>; older drivers leave it 0.</summary>
    public bool FillProcessId { get; init; } = true;

    /// <summary>Whether get2rmt fills <see cref="CommandHeader.Timestamp"/>; older drivers leave it empty.</summary>
    public bool FillTimestamp { get; init; } = true;

    /// <summary>What the driver says of itself in <see cref="IDvkProxyCalls.Fixes"/>; the emulation has none of those faults.</summary>
    public DvkFixes Fixes { get; init; } = DvkFixes.All;

    /// <summary>
    /// Whether the emulation blocks where the kernel driver never lets a caller go: in the next message call after a receive or a notification from or
    /// to oneself, NONE or out of range, and in a limited wait for an unbind. The caller then blocks until it is interrupted or unbound. A source's receive
    /// also ends with <see cref="DvkError.UserToUser"/> when a third process has copied from it. By default such calls are refused with the driver's error, or
    /// <see cref="DvkError.Locked"/> where it has none, and nothing is stuck.
    /// </summary>
    public bool StrictlyAsReal { get; init; }

    /// <summary>How long each piece of a copy to or from another node may take. Default 30 s, as long as the kernel driver waits.</summary>
    public TimeSpan CopyPieceTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
