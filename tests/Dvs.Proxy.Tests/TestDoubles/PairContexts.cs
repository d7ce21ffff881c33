using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>What a pair of node 0 for node 1 shares, for tests of its parts.</summary>
internal static class PairContexts
{
    public static PairContext Create(ScriptedProxyDevice device, TimeProvider time, ILogger log, Action<PeerOptions>? configure = null)
    {
        var peer = new PeerOptions { Name = "node1", Host = "127.0.0.1", ProxyId = 1, ConnectPort = 9, UseSession = false };
        configure?.Invoke(peer);
        var options = new ProxyOptions { NodeId = 0 };
        options.Peers.Add(peer);
        var environment = new ProxyEnvironment(
            device, device.Limits, 0, options.DataModel, new TransportRegistry([new TcpTransport()]),
            new ProxyLogger(log, time, 10, TimeSpan.FromSeconds(10), new LogFailures()), time, new LoadMonitor(time, static () => (0, 0)),
            new OutboxRouter(device, device.Limits.MaxTasks), 7);
        return new PairContext(PeerResolver.Resolve(options, device.Limits, 0)[0], environment);
    }
}
