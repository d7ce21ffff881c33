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

/// <summary>What the parts of a pair share: who the peer is, the driver, the limits, what the pair is to do, and where to count and log.
/// Its references never change; each thing in it is as thread-safe as it says.</summary>
internal sealed class PairContext
{
    private ulong _framesReceived;

    public PairContext(ResolvedPeer peer, ProxyEnvironment environment)
    {
        Peer = peer;
        Environment = environment;
        Layout = WireLayout.For(environment.DataModel);
        Transport = environment.Transports.Get(peer.Options.Transport);
        SenderCounters = new DirectionCounters(environment.Limits.MaxDcs);
        ReceiverCounters = new DirectionCounters(environment.Limits.MaxDcs);
        Logger = environment.Logger.ForSource();
        Lifetime = new PairLifetime(environment.Time);
        Binding = new DriverBinding(environment.Device, peer.ProxyId);
        Outbox = new Outbox(Binding);
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

    /// <summary>What the proxy itself wants sent to the peer.</summary>
    public Outbox Outbox { get; }

    /// <summary>What the pair is to do.</summary>
    public PairLifetime Lifetime { get; }

    /// <summary>Whether the driver knows the pair.</summary>
    public DriverBinding Binding { get; }

    /// <summary>Frames received from the peer so far: what a classic sender tells it (<c>c_ack_seq</c>). Any thread.</summary>
    public ulong FramesReceived => Volatile.Read(ref _framesReceived);

    public IDvkProxyCalls Device => Environment.Device;

    public string Name => Peer.Name;

    /// <summary>A frame came from the peer. Receiver thread only.</summary>
    /// <returns>Frames received, this one included.</returns>
    public ulong CountReceivedFrame()
    {
        Volatile.Write(ref _framesReceived, _framesReceived + 1);
        return _framesReceived;
    }

    /// <summary>The driver does not know the pair any more: its threads are to end.</summary>
    /// <param name="discoverer">Who noticed.</param>
    public void EndUnbound(string discoverer)
    {
        Lifetime.Stop();
        ProxyLog.PairUnbound(Logger, Name, discoverer);
    }

    private static byte[] LoadSecret(string file) =>
        SharedSecret.Load(file, out var problem) ?? throw new ProxyTransportException($"secret {file}: {problem}.");
}

/// <summary>What all pairs of a multi-node proxy share. Immutable references to thread-safe things.</summary>
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
