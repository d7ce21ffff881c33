using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Tests.Device.Contract;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>Node 0 with DC 0 and a proxy pair for node 1, not connected.</summary>
internal sealed class StandInPair : IDisposable
{
    internal StandInPair(string options = "", ILogger? logger = null)
    {
        Device = StandInNode.Create(0, options, logger);
        Device.StartDc(new DcInfo { DcId = 0 });
        Sender = new DriverThread(Device, "sender");
        Receiver = new DriverThread(Device, "receiver");
        Device.BindProxies("node1", 1, Sender.Id, Receiver.Id, 65_536);
        Device.NodeUp("node1", 1, 1);
        Device.AddNode(0, 1);
    }

    internal KernelDvkDevice Device { get; }

    internal DriverThread Sender { get; }

    internal DriverThread Receiver { get; }

    internal byte[] Payload { get; } = new byte[65_536];

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
        Device.Dispose();
    }
}
