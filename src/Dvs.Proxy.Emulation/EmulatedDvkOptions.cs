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

    /// <summary>How long each piece of a copy to or from another node may take.</summary>
    public TimeSpan CopyPieceTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
