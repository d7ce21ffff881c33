namespace Dvs.Proxy.Diagnostics;

/// <summary>A proxy pair at one moment. Immutable.</summary>
public sealed class PairStatus
{
    /// <summary>Name of the peer.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the pair and of the peer's node.</summary>
    public required int NodeId { get; init; }

    /// <summary>Where the sender connects to.</summary>
    public required string ConnectsTo { get; init; }

    /// <summary>Where the receiver listens.</summary>
    public required string ListensOn { get; init; }

    /// <summary>The peer's CPU load in percent as its last hello said; null before one came.</summary>
    public int? PeerCpuPercent { get; init; }

    /// <summary>Where another process has come from, within the last minute, that speaks for the peer's node while the peer is connected: two
    /// proxies run with one node id. Null for none.</summary>
    public string? AnotherProcess { get; init; }

    /// <summary>What is wrong with a peer that is only half there.</summary>
    public PairConditions Conditions { get; init; }

    /// <summary>Subject of our own certificate for this peer, as new connections show it; null without TLS.</summary>
    public string? OwnCertificateSubject { get; init; }

    /// <summary>When our own certificate for this peer expires; null without TLS.</summary>
    public DateTimeOffset? OwnCertificateExpires { get; init; }

    /// <summary>The sender.</summary>
    public required DirectionSnapshot Sender { get; init; }

    /// <summary>The receiver.</summary>
    public required DirectionSnapshot Receiver { get; init; }

    /// <summary>True while both directions are connected.</summary>
    public bool IsConnected => Sender.State == ProxyState.Connected && Receiver.State == ProxyState.Connected;
}
