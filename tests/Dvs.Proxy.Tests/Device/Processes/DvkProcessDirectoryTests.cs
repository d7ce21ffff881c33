using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Emulation.Clusters;

namespace Dvs.Proxy.Tests.Device.Processes;

/// <summary>Processes are found by name on every node that knows them.</summary>
public class DvkProcessDirectoryTests
{
    [Fact]
    public async Task A_process_is_found_by_its_name_at_home_and_elsewhere()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        await using var server = cluster.StartProcess(1, 5, "server", static self => self.Receive());

        foreach (var node in cluster.Nodes)
        {
            var found = node.Device.FindProcess(0, "server");
            Assert.NotNull(found);
            Assert.Equal((5, 1), (found.Endpoint, found.NodeId));
            Assert.Equal(["server"], node.Device.ListProcesses(0).Select(static process => process.Name));
        }

        Assert.Null(cluster[0].Device.FindProcess(0, "serve"));
    }

    [Fact]
    public async Task A_process_finds_another_one()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, 5, "server", static self => self.ReceiveRequest(TimeSpan.FromMinutes(1)));
        cluster.StartProcess(0, 10, "client", static self =>
        {
            Assert.Equal(5, self.FindEndpoint("server"));
            Assert.Equal(10, self.FindEndpoint("client"));
            Assert.Null(self.FindEndpoint("nobody"));
            self.Send(self.FindEndpoint("server")!.Value, default);
        });

        await cluster.WaitForProcessesAsync();
    }

    [Theory]
    [InlineData("a name of sixteen", "a name of sixte")]
    [InlineData("ääääääääää", "äääääää\uFFFD")]
    public void As_much_of_a_name_counts_as_the_driver_keeps(string name, string kept)
    {
        using var device = StartDc();
        using var process = new OtherThread(device, 5, name);

        Assert.Equal(kept, device.FindProcess(0, name)?.Name);
        Assert.Equal(5, device.FindProcess(0, kept.TrimEnd('\uFFFD'))?.Endpoint);
    }

    [Fact]
    public async Task Of_an_announced_process_thirteen_bytes_count()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        await using var server = DvkProcess.Start(cluster[1].Device, 0, 5, "twelve-and-three", static self => self.Receive());
        await cluster[1].Proxy.AnnounceAsync(server);

        Assert.Equal("twelve-and-th", cluster[0].Device.FindProcess(0, "twelve-and-three")?.Name);
    }

    [Fact]
    public void The_lowest_number_counts_where_several_have_the_name()
    {
        using var device = StartDc();
        using var second = new OtherThread(device, 9, "twin");
        using var first = new OtherThread(device, -3, "twin");

        Assert.Equal(-3, device.FindProcess(0, "twin")?.Endpoint);
        Assert.Equal([-3, 9], device.ListProcesses(0).Select(static process => process.Number));
    }

    [Fact]
    public void A_DC_that_does_not_run_is_named()
    {
        using var device = StartDc();

        var refusal = Assert.Throws<DvkException>(() => device.FindProcess(1, "server"));

        Assert.Equal(DvkError.DcNotRunning, refusal.Error);
        Assert.Contains("Start DC 1 on this node first", refusal.Message, StringComparison.Ordinal);
    }

    private static EmulatedDvk StartDc()
    {
        var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0 });
        return device;
    }

    private sealed class OtherThread(IDvkDevice device, int endpoint, string name) : IDisposable
    {
        private readonly DvkProcessHandle _process = DvkProcess.Start(device, 0, endpoint, name, static self => self.Receive());

        public void Dispose() => _process.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
