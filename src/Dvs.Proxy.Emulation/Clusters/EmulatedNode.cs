using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Emulation.Clusters;

/// <summary>A node of an <see cref="EmulatedCluster"/>: a driver and the proxy that serves it. Thread-safe, but for calls that start or stop one
/// node's proxy at the same time.</summary>
public sealed class EmulatedNode
{
    private readonly EmulatedCluster _cluster;
    private readonly TransportRegistry _transports;
    private volatile MultiNodeProxy _proxy;
    private volatile bool _isProxyRunning;

    internal EmulatedNode(EmulatedCluster cluster, int id, EmulatedDvk device, ProxyOptions options, IProxyTransport transport)
    {
        (_cluster, Id, Device, ProxyOptions) = (cluster, id, device, options);
        _transports = new TransportRegistry([transport]);
        _proxy = MakeProxy();
    }

    /// <summary>Id of the node, 0 to the number of nodes minus 1.</summary>
    public int Id { get; }

    /// <summary>Its driver.</summary>
    public EmulatedDvk Device { get; }

    /// <summary>Its proxy; after a restart another one. It has ended while the node is without (<see cref="IsProxyRunning"/>).</summary>
    public MultiNodeProxy Proxy => _proxy;

    /// <summary>What the proxy was told.</summary>
    public ProxyOptions ProxyOptions { get; }

    /// <summary>False between <see cref="StopProxyAsync"/> and <see cref="StartProxyAsync"/>.</summary>
    public bool IsProxyRunning => _isProxyRunning;

    /// <summary>
    /// Stops the proxy as an operator does: what it has fetched is delivered, the drivers hear that the node is not connected, and processes that wait for the
    /// node fail with <see cref="Device.DvkError.NotConnected"/>. Does nothing where it is stopped.
    /// </summary>
    public async Task StopProxyAsync()
    {
        if (_isProxyRunning)
        {
            _isProxyRunning = false;
            await _proxy.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts the proxy again, a new one with the same options, and waits until all nodes with a running proxy are connected. Does nothing where
    /// it runs.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TimeoutException">Not all are connected after <see cref="EmulatedClusterOptions.ConnectTimeout"/>; the message says
    /// which not.</exception>
    public async Task StartProxyAsync(CancellationToken cancellationToken = default)
    {
        if (!_isProxyRunning)
        {
            _proxy = MakeProxy();
            await RunProxyAsync(cancellationToken).ConfigureAwait(false);
            await _cluster.WaitUntilConnectedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary><see cref="StopProxyAsync"/> and <see cref="StartProxyAsync"/>: what an operator does after a change of the configuration.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="TimeoutException">Not all are connected in time.</exception>
    public async Task RestartProxyAsync(CancellationToken cancellationToken = default)
    {
        await StopProxyAsync().ConfigureAwait(false);
        await StartProxyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override string ToString() => $"node {Id}";

    internal async Task RunProxyAsync(CancellationToken cancellationToken)
    {
        await _proxy.StartAsync(cancellationToken).ConfigureAwait(false);
        _isProxyRunning = true;
    }

    internal void StartDc(DcInfo dc) => Device.StartDc(dc with { Nodes = 1UL << Id });

    private MultiNodeProxy MakeProxy() => new(
        _cluster.Decorate(Device), Options.Create(ProxyOptions), _transports, _cluster.LoggerFactory);
}
