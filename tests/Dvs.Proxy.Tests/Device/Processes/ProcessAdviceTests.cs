using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Emulation.Clusters;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Processes;

/// <summary>Every step that a newcomer forgets is named by the exception, with the line to write.</summary>
public class ProcessAdviceTests
{
    [Fact]
    public void Without_a_DC()
    {
        using var device = EmulatedDvk.StartNode(0);

        var refusal = Assert.Throws<DvkException>(() => DvkProcess.Bind(device, dcId: 2, endpoint: 10, "client"));

        Assert.Equal(DvkError.DcNotRunning, refusal.Error);
        Assert.Contains("Start DC 2 on this node first", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("device.StartDc(new DcInfo { DcId = 2 })", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_DVS()
    {
        using var device = new EmulatedDvk();

        var refusal = Assert.Throws<DvkException>(() => device.StartDc(new DcInfo()));

        Assert.Equal(DvkError.DvsNotInitialised, refusal.Error);
        Assert.Contains("In code: device.InitializeDvs, or EmulatedDvk.StartNode.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_proxy()
    {
        using var device = StartNode();

        var refusal = Assert.Throws<DvkException>(() => device.AddNode(0, 1));

        Assert.Equal(DvkError.NodeFree, refusal.Error);
        Assert.Contains("MultiNodeProxy.StartAsync", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DvkError.DeadSourceDestination)]
    [InlineData(DvkError.DestinationDied)]
    [InlineData(DvkError.SourceDied)]
    [InlineData(DvkError.TrapDenied)]
    public async Task Nobody_is_bound_there(DvkError expected)
    {
        using var device = StartNode();

        var refusal = await RefusalAsync(device, endpoint: 10, self =>
        {
            switch (expected)
            {
                case DvkError.DeadSourceDestination:
                    Ask(self, 7);
                    break;
                case DvkError.DestinationDied:
                    self.Send(7, default);
                    break;
                case DvkError.SourceDied:
                    self.Receive(7);
                    break;
                default:
                    self.Notify(7);
                    break;
            }
        });

        Assert.Equal(expected, refusal.Error);
        Assert.Contains("Nobody is bound to endpoint 7 of DC 0 on this node.", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains("device.BindRemote(dcId: 0, endpoint: 7, nodeId: …, name: \"…\")", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains("proxy.AnnounceAsync", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_bound_there_on_its_own_node()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster[0].Device.BindRemote(dcId: 0, endpoint: 7, nodeId: 1, "gone");
        cluster[1].Device.BindRemote(dcId: 0, endpoint: 10, nodeId: 0, "client");

        var refusal = await RefusalAsync(cluster[0].Device, endpoint: 10, static self => Ask(self, 7));

        Assert.Contains("Process 7 is known here as one of node 1, where nobody is bound to it", refusal.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, "AutoBind does not help: it serves user processes, endpoints above 29, only.")]
    [InlineData(40, "With AutoBind ('autobind') in node 1's options for this node its proxy does so by itself.")]
    public async Task The_other_node_does_not_know_the_one_that_asks(int endpoint, string expected)
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, 7, "server", static self => self.ReceiveRequest());

        var refusal = await RefusalAsync(cluster[0].Device, endpoint, static self => Ask(self, 7));

        Assert.Equal(DvkError.NotBind, refusal.Error);
        Assert.Contains($"Node 1 does not know process {endpoint} of DC 0 as one of this node.", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains($"await proxy.AnnounceAsync(0, {endpoint}, \"asking\")", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_autobind_a_user_process_needs_nothing()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2, new EmulatedClusterOptions
        {
            ConfigureProxy = static (_, options) => options.Peers[0].AutoBind = true,
        });
        cluster.StartProcess(1, 7, "server", static self => self.Reply(self.ReceiveRequest().Source, default));

        await using var client = DvkProcess.Start(cluster[0].Device, 0, 40, "client", static self => Ask(self, 7));
        await client.Completion;
    }

    [Fact]
    public async Task No_answer_in_time()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, 8, "silent", static self => self.Receive());
        cluster.StartProcess(1, 7, "deaf", static self => self.Receive(8));
        cluster[1].Device.BindRemote(dcId: 0, endpoint: 10, nodeId: 0, "asking");

        var refusal = await RefusalAsync(cluster[0].Device, endpoint: 10, static self =>
        {
            var message = default(Message);
            self.SendReceive(7, ref message, TimeSpan.FromMilliseconds(20));
        });

        Assert.Equal(DvkError.TimedOut, refusal.Error);
        Assert.Contains("Nothing came from node 1 in time: see whether process 7 receives there", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_that_nobody_offers()
    {
        using var device = StartNode();
        await using var other = DvkProcess.Start(device, 0, 7, "other", static self => self.Receive());

        var refusal = await RefusalAsync(device, endpoint: 10, static self =>
        {
            using var memory = self.AllocateBuffer(8);
            self.Copy(self.Endpoint, memory.Address, 7, 0x1234, 8);
        });

        Assert.Equal(DvkError.Fault, refusal.Error);
        Assert.Contains("DvkBuffer.Address", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_process_that_does_more_than_ask()
    {
        using var device = StartNode();

        var refusal = await RefusalAsync(device, endpoint: 40, static self => self.Receive());

        Assert.Equal(DvkError.BadCall, refusal.Error);
        Assert.Contains("A user process may make requests and nothing else", refusal.Advice, StringComparison.Ordinal);
        Assert.StartsWith("Could not receive from anybody as 'asking' (40)", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_remote_process_of_a_node_that_the_DC_does_not_extend_to()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster[0].Device.StartDc(new DcInfo { DcId = 4, Name = "here only" });

        var refusal = Assert.Throws<DvkException>(() => cluster[0].Device.BindRemote(dcId: 4, endpoint: 7, nodeId: 1, "there"));

        Assert.Equal("make process 'there' of node 1 known here as endpoint 7 of DC 4", refusal.Attempted);
        Assert.Contains("Let DC 4 extend to node 1 first", refusal.Advice, StringComparison.Ordinal);
        Assert.EndsWith(" In code: device.AddNode, or name the DC in PeerOptions.Dcs.", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("In code", refusal.OperatorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_await_between_two_calls()
    {
        using var device = StartNode();
        using var process = await Task.Factory.StartNew(
            () => DvkProcess.Bind(device, 0, 10, "wandering"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        var fault = Assert.Throws<InvalidOperationException>(() => process.Notify(7));

        Assert.Contains("An await in between goes on on another thread", fault.Message, StringComparison.Ordinal);
        Assert.Contains("DvkProcess.Start", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_async_body()
    {
        using var device = StartNode();

        // What a compiler makes of an async lambda where an action is wanted: nobody can wait for it.
#pragma warning disable VSTHRD101
        var fault = Assert.Throws<ArgumentException>(() => DvkProcess.Start(device, 0, 10, "async", static async _ => await Task.Yield()));
#pragma warning restore VSTHRD101

        Assert.Contains("The body of process 'async' is async.", fault.Message, StringComparison.Ordinal);
        Assert.Equal(ProcessStatus.SlotFree, device.GetProcessInfo(0, 10).Status);
    }

    private static EmulatedDvk StartNode()
    {
        var device = EmulatedDvk.StartNode(0);
        device.StartDc(new DcInfo { DcId = 0 });
        return device;
    }

    private static void Ask(DvkProcess self, int endpoint)
    {
        var message = new Message { Type = 1 };
        self.SendReceive(endpoint, ref message);
    }

    private static async Task<DvkException> RefusalAsync(IDvkDevice device, int endpoint, Action<DvkProcess> body)
    {
        await using var process = DvkProcess.Start(device, 0, endpoint, "asking", body, static _ => { });
        return await Assert.ThrowsAsync<DvkException>(() => process.Completion);
    }
}
