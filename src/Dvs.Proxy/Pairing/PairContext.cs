using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing;

/// <summary>What the two threads of a pair share: who the peer is, the driver, the limits, and where to count and log. Immutable references.</summary>
internal sealed class PairContext
{
    public PairContext(ResolvedPeer peer, ProxyEnvironment environment)
    {
        Peer = peer;
        Environment = environment;
        Layout = WireLayout.For(environment.DataModel);
        Transport = environment.Transports.Get(peer.TransportName);
        SenderCounters = new DirectionCounters(environment.Limits.MaxDcs);
        ReceiverCounters = new DirectionCounters(environment.Limits.MaxDcs);
        Logger = environment.Logger.ForSource();
        Binding = new DriverBinding(environment.Device, peer.ProxyId);
        Secret = peer.SecretFile is { } file ? LoadSecret(file) : default;
        Tls = peer.Tls is { } tls ? new PeerTls(tls, environment.TlsIdentities.Get(tls.Files), environment.Time) : null;
    }

    public ResolvedPeer Peer { get; }

    public ProxyEnvironment Environment { get; }

    public WireLayout Layout { get; }

    public IProxyTransport Transport { get; }

    /// <summary>TLS with the peer; null for none.</summary>
    public PeerTls? Tls { get; }

    /// <summary>The secret that is shared with the peer; empty for none.</summary>
    public ReadOnlyMemory<byte> Secret { get; }

    public DirectionCounters SenderCounters { get; }

    public DirectionCounters ReceiverCounters { get; }

    /// <summary>The log, with limits for this pair alone.</summary>
    public ProxyLogger Logger { get; }

    public Outbox Outbox { get; } = new();

    /// <summary>What the pair is to do.</summary>
    public PairLifetime Lifetime { get; } = new();

    /// <summary>Whether the driver knows the pair.</summary>
    public DriverBinding Binding { get; }

    public IDvkProxyCalls Device => Environment.Device;

    public string Name => Peer.Name;

    private static byte[] LoadSecret(string file) =>
        SharedSecret.Load(file, out var problem) ?? throw new ProxyTransportException($"secret {file}: {problem}.");
}

/// <summary>What all pairs of a multi-node proxy share.</summary>
internal sealed record ProxyEnvironment(
    IDvkProxyCalls Device,
    DvsInfo Limits,
    int LocalNodeId,
    DataModel DataModel,
    TransportRegistry Transports,
    ProxyLogger Logger,
    TimeProvider Time,
    LoadMonitor Load,
    OutboxRouter Router,
    ulong ProcessSessionId)
{
    /// <summary>The node's TLS files.</summary>
    public TlsIdentities TlsIdentities { get; } = new(Logger, Time);

    /// <summary>The threads on which connections show whose they are.</summary>
    public AdmissionThreads Admission { get; } = new(Logger);
}
