using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Logging;

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
        Sender = new DirectionCounters(environment.Limits.MaxDcs);
        Receiver = new DirectionCounters(environment.Limits.MaxDcs);
        FetchLog = new LogThrottle(environment.Time);
        DeliveryLog = new LogThrottle(environment.Time);
    }

    public ResolvedPeer Peer { get; }

    public ProxyEnvironment Environment { get; }

    public WireLayout Layout { get; }

    public IProxyTransport Transport { get; }

    public DirectionCounters Sender { get; }

    public DirectionCounters Receiver { get; }

    public LogThrottle FetchLog { get; }

    public LogThrottle DeliveryLog { get; }

    public ControlOutbox Outbox { get; } = new();

    public IDvkProxyCalls Device => Environment.Device;

    public ILogger Logger => Environment.Logger;

    public string Name => Peer.Name;
}

/// <summary>What all pairs of a multi-node proxy share.</summary>
internal sealed record ProxyEnvironment(
    IDvkProxyCalls Device,
    DvsInfo Limits,
    int LocalNodeId,
    DataModel DataModel,
    TransportRegistry Transports,
    ILogger Logger,
    TimeProvider Time,
    LoadMonitor Load,
    CommandRouter Router,
    ulong ProcessSessionId);
