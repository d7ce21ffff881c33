using System.Diagnostics;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tool.Commands;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>
/// The driver of a node of the campaign: opened once, made this node where it is none yet, and given back as it was found. One call at a time.
/// Behaviour: KernelDemoTests, DemoTests.
/// </summary>
/// <param name="name">As for <c>--device</c>.</param>
internal sealed class NodeDriver(string name) : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(10);

    private IDvkDevice? _device;
    private bool _isMadeNode;

    /// <exception cref="HostException">It is not open.</exception>
    public IDvkDevice Device => _device ?? throw new HostException("the node is not started");

    /// <summary>Opens it, where it is not open.</summary>
    /// <exception cref="HostException">It cannot be had, or is another node.</exception>
    public void Open(int nodeId) => _device ??= OpenDevice(nodeId);

    /// <summary>Closes it; a driver that was no node when it was opened is none again.</summary>
    public void Close()
    {
        if (_isMadeNode)
        {
            Device.EndDvs();
            _isMadeNode = false;
        }

        Dispose();
    }

    /// <summary>Waits until it has let go of a pair: for a kernel driver that is when the threads are gone for the kernel, a moment after
    /// they are for this process.</summary>
    /// <exception cref="HostException">It never did.</exception>
    public async Task WaitUntilReleasedAsync(PairStatus peer)
    {
        var started = Stopwatch.GetTimestamp();
        while (IsBound(peer.NodeId))
        {
            if (Stopwatch.GetElapsedTime(started) > ReleaseLimit)
            {
                throw new HostException(
                    $"the proxy stopped and left its pair for {peer.Name} behind in the driver:\n{Device.ReadView("proxies/info")}{Device.ReadView("nodes")}");
            }

            await Task.Delay(PollInterval);
        }
    }

    public void Dispose()
    {
        _device?.Dispose();
        _device = null;
    }

    private IDvkDevice OpenDevice(int nodeId)
    {
        // A driver in each process is no kernel module, and has not its faults.
        var device = DeviceFactory.Open(name, nodeId, DvkFixes.All);
        if (!DeviceFactory.IsEmulated(name) && device.LocalNodeId < 0)
        {
            device.InitializeDvs(nodeId, new DvsInfo());
            _isMadeNode = true;
        }

        if (device.LocalNodeId == nodeId)
        {
            return device;
        }

        var owner = device.LocalNodeId;
        device.Dispose();
        throw new HostException(
            $"{name} is node {owner} already, and one driver is one node. The demo needs a driver for each of its two nodes: use "
                + $"--device {DeviceFactory.Emulated}; "
            + $"a real driver is tried with 'run --device {name}' on two machines.");
    }

    private bool IsBound(int proxyId)
    {
        try
        {
            Device.GetProxyInfo(proxyId);
            return true;
        }
        catch (DvkException refused) when (refused.Error == DvkError.ProxyFree)
        {
            return false;
        }
    }
}
