using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Tests.Device.Kernel;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>Two processes and one driver of the stand-in, as an operator's tool and a proxy have it. Run one after the other by <see cref="KernelStandInRunTests"/>.</summary>
[OnStandIn]
public sealed class SharedDriverTests
{
    [Fact]
    public void One_process_initialises_the_driver()
    {
        using var device = KernelDvkDevice.Open();
        Assert.Equal(-1, device.LocalNodeId);
        device.InitializeDvs(7, new DvsInfo { Name = "shared" });
        device.StartDc(new DcInfo { DcId = 2 });
        Assert.Equal(DvkError.Ok, device.TryBind(BindRequest.Self(2, 1), out _));
    }

    [Fact]
    public void Another_process_finds_it_initialised()
    {
        using var device = KernelDvkDevice.Open();
        Assert.Equal(7, device.LocalNodeId);
        Assert.Equal("shared", device.GetDvsInfo().Name);
        Assert.Equal(1UL << 2, device.GetNodeInfo(7).Dcs);
        Assert.Contains("nodeid=7\n", device.ReadView("info"), StringComparison.Ordinal);

        // The process that was bound is gone, and its endpoint free.
        Eventually.True(() => device.GetProcessInfo(2, 1).Status == ProcessStatus.SlotFree, "the endpoint is free");
        var refusal = Assert.Throws<DvkException>(() => device.AddNode(2, 1));
        Assert.Equal(DvkError.NodeFree, refusal.Error);
        Assert.Contains("Start the proxy for it first", refusal.Message, StringComparison.Ordinal);
    }
}
