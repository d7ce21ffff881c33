using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dvs.Proxy.Emulation.Clusters;

/// <summary>How an <see cref="EmulatedCluster"/> is built. A plain object; read once, when the cluster starts.</summary>
public sealed class EmulatedClusterOptions
{
    /// <summary>
    /// What the proxies talk over. In memory by default, where nothing leaves the process; <c>new TcpTransport()</c> for real sockets on 127.0.0.1, at ports
    /// the system chooses; or a transport of your own whose addresses are a host and a port. The cluster does not dispose of it.
    /// </summary>
    public IProxyTransport Transport { get; set; } = new InMemoryTransport();

    /// <summary>DCs that are started on every node and extend to all of them. DC 0 by default.</summary>
    public IList<DcInfo> Dcs { get; init; } = [new DcInfo { DcId = 0, Name = "DC0" }];

    /// <summary>Limits of the DVS on every node; null for the driver's own.</summary>
    public DvsInfo? Limits { get; set; }

    /// <summary>Behaviour of the emulated drivers.</summary>
    public EmulatedDvkOptions Device { get; set; } = new();

    /// <summary>
    /// What a node's proxy sees in place of its driver: a decorator that records, delays or changes calls (<see cref="DelegatingDvkProxyCalls"/>,
    /// <see cref="DelegatingDvkDevice"/>). Called for each proxy that starts, after a restart again; null, the default, leaves the driver as it is.
    /// </summary>
    public Func<EmulatedDvk, IDvkProxyCalls>? DecorateDevice { get; set; }

    /// <summary>
    /// Changes the options of one node's proxy before it starts: <see cref="PeerOptions.Compress"/>, <see cref="PeerOptions.AutoBind"/>,
    /// <see cref="PeerOptions.UseSession"/>… Called once per node, with its id. Hosts, ports, transport and proxy ids are the cluster's.
    /// </summary>
    public Action<int, ProxyOptions>? ConfigureProxy { get; set; }

    /// <summary>Where the proxies log; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>How long the cluster waits, at its start and after a restart, for all nodes to be connected. Default 30 s; more than 0.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
