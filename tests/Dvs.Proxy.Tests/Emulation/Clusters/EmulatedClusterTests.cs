using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Emulation.Clusters;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Emulation.Clusters;

/// <summary>The cluster that tool authors test with does what a cluster does, with every fault it offers.</summary>
public class EmulatedClusterTests
{
    private const int Server = 5;

    public static TheoryData<bool> Transports => [true, false];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Every_node_reaches_every_other_one(bool tcp)
    {
        const int nodes = 4;
        await using var cluster = await EmulatedCluster.StartAsync(nodes, new EmulatedClusterOptions { Transport = TransportOf(tcp) });
        Assert.Equal([0, 1, 2, 3], cluster.Nodes.Select(static node => node.Id));
        Assert.All(cluster.Nodes, static node => Assert.Equal(node.Id, node.Proxy.LocalNodeId));
        for (var node = 0; node < nodes; node++)
        {
            cluster.StartProcess(node, Server + node, $"server{node}", self => Serve(self, requests: nodes - 1));
        }

        for (var node = 0; node < nodes; node++)
        {
            var home = node;
            cluster.StartProcess(node, 15 + node, $"client{node}", self =>
            {
                for (var other = 0; other < nodes; other++)
                {
                    if (other != home)
                    {
                        Assert.Equal((10 * home) + other + 1, Ask(self, Server + other, (10 * home) + other));
                    }
                }
            });
        }

        await cluster.WaitForProcessesAsync();
    }

    [Fact]
    public async Task A_node_alone_and_several_DCs_are_a_cluster_too()
    {
        await using var cluster = await EmulatedCluster.StartAsync(1, new EmulatedClusterOptions
        {
            Dcs = { new DcInfo { DcId = 3, Name = "third" } },
        });
        cluster.StartProcess(0, Server, "server", self => Serve(self, requests: 1), dcId: 3);
        cluster.StartProcess(0, 10, "client", self => Assert.Equal(8, Ask(self, Server, 7)), dcId: 3);

        await cluster.WaitForProcessesAsync();
    }

    [Fact]
    public async Task A_cut_costs_nothing_while_there_is_a_session()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        const int requests = 50;
        cluster.StartProcess(1, Server, "server", self => Serve(self, requests));
        cluster.StartProcess(0, 10, "client", self =>
        {
            for (var number = 0; number < requests; number++)
            {
                if (number % 10 == 5)
                {
                    cluster.Cut(0, 1);
                }

                Assert.Equal(number + 1, Ask(self, Server, number));
            }
        });

        await cluster.WaitForProcessesAsync();
        await cluster.WaitUntilConnectedAsync();
        Assert.True(cluster[0].Proxy.GetStatus().Pairs[0].Sender.Connects > 1, "the connection was never cut");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_is_sent_during_a_stall_arrives_when_it_ends(bool tcp)
    {
        await using var cluster = await EmulatedCluster.StartAsync(2, new EmulatedClusterOptions { Transport = TransportOf(tcp) });
        var server = cluster.StartProcess(1, Server, "server", self => Serve(self, requests: 1));
        var stall = cluster.Stall(1, 0);
        var second = cluster.Stall(0, 1);
        var client = cluster.StartProcess(0, 10, "client", self => Assert.Equal(2, Ask(self, Server, 1)));
        Eventually.True(() => IsFetched(cluster[0], client), "the sender has fetched the request");
        stall.Dispose();
        stall.Dispose();
        Assert.True(client.IsRunning && server.IsRunning, "one stall has ended, and the other one has not");

        second.Dispose();

        await cluster.WaitForProcessesAsync();
        Assert.Equal(1, cluster[0].Proxy.GetStatus().Pairs[0].Sender.Connects);
    }

    [Fact]
    public async Task Nodes_that_are_disconnected_find_each_other_again()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, Server, "server", self => Serve(self, requests: 1));
        DvkProcessHandle client;
        using (cluster.Disconnect(0, 1))
        {
            Eventually.True(() => !cluster[0].Proxy.GetStatus().Pairs[0].IsConnected, "the pair sees it");
            client = cluster.StartProcess(0, 10, "client", self => Assert.Equal(2, Ask(self, Server, 1)));
            Eventually.True(() => cluster[0].Device.GetProcessInfo(0, 10).Status != ProcessStatus.Runnable, "the client waits");
        }

        await cluster.WaitForProcessesAsync();
        Assert.True(client.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_node_without_a_proxy_is_not_connected_and_back_with_one()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        await cluster[1].StopProxyAsync();
        await cluster[1].StopProxyAsync();
        Assert.False(cluster[1].IsProxyRunning);
        await cluster.WaitUntilConnectedAsync();
        var refused = cluster.StartProcess(2, 11, "refused", static self => Assert.Equal(DvkError.NotConnected, self.TryNotify(Server)));
        await Assert.ThrowsAnyAsync<Exception>(() => refused.Completion);

        var before = cluster[1].Proxy;
        await cluster[1].StartProxyAsync();
        Assert.NotSame(before, cluster[1].Proxy);
        cluster.StartProcess(1, Server, "server", self => Serve(self, requests: 1));
        var client = cluster.StartProcess(2, 10, "client", self => Assert.Equal(2, Ask(self, Server, 1)));
        await client.Completion;
    }

    [Fact]
    public async Task Processes_talk_before_and_after_a_restart_of_a_proxy()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        using var restarted = new ManualResetEventSlim();
        using var asked = new ManualResetEventSlim();
        cluster.StartProcess(1, Server, "server", self =>
        {
            Serve(self, requests: 1);
            restarted.Wait();
            Serve(self, requests: 1);
        });
        cluster.StartProcess(0, 10, "client", self =>
        {
            Assert.Equal(2, Ask(self, Server, 1));
            asked.Set();
            restarted.Wait();
            Assert.Equal(3, Ask(self, Server, 2));
        });
        asked.Wait(Eventually.Limit);

        await cluster[1].RestartProxyAsync();
        restarted.Set();

        await cluster.WaitForProcessesAsync();
    }

    [Fact]
    public async Task The_first_process_that_fails_ends_the_wait_for_all()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, Server, "waiting", static self => self.Receive());
        cluster.StartProcess(0, 10, "failing", static _ => throw new InvalidDataException("as it should"));

        Assert.Equal("as it should", (await Assert.ThrowsAsync<InvalidDataException>(() => cluster.WaitForProcessesAsync())).Message);
    }

    [Fact]
    public async Task A_process_that_does_not_end_is_named()
    {
        await using var cluster = await EmulatedCluster.StartAsync(2);
        cluster.StartProcess(1, Server, "waiting", static self => self.Receive());

        var late = await Assert.ThrowsAsync<TimeoutException>(() => cluster.WaitForProcessesAsync(TimeSpan.FromMilliseconds(1)));

        Assert.Contains("'waiting' (endpoint 5, node 1)", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_takes_the_endpoint_of_one_that_has_ended_on_another_node()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        foreach (var home in new[] { 1, 2, 1 })
        {
            var server = cluster.StartProcess(home, Server, $"server on {home}", self => Serve(self, requests: 1));
            var client = cluster.StartProcess(0, 10, "client", self => Assert.Equal(4, Ask(self, Server, 3)));
            await client.Completion;
            await server.Completion;
        }

        Assert.Equal("server on 1", cluster[0].Device.FindProcess(0, "server on 1")?.Name);
    }

    [Fact]
    public async Task An_endpoint_in_use_anywhere_is_refused_and_nothing_has_changed()
    {
        await using var cluster = await EmulatedCluster.StartAsync(3);
        cluster.StartProcess(1, Server, "first", static self => self.Receive());

        foreach (var node in new[] { 0, 1, 2 })
        {
            var refusal = Assert.Throws<DvkException>(() => cluster.StartProcess(node, Server, "second", static _ => { }));
            Assert.Equal(DvkError.SlotUsed, refusal.Error);
            Assert.Equal("'first' has this endpoint on node 1, and has not ended.", refusal.Advice);
        }

        Assert.All(cluster.Nodes, static node => Assert.Equal(1, node.Device.FindProcess(0, "first")?.NodeId));
        Assert.Throws<DvkException>(() => cluster.StartProcess(0, 221, "beyond", static _ => { }));
    }

    [Fact]
    public async Task Processes_that_wait_end_with_the_cluster()
    {
        DvkProcessHandle waiting, waitingForReply;
        await using (var cluster = await EmulatedCluster.StartAsync(2))
        {
            waiting = cluster.StartProcess(1, Server, "waiting", static self => self.Receive());
            waitingForReply = cluster.StartProcess(0, 10, "asking", static self => Ask(self, Server, 1));
        }

        Assert.False(waiting.IsRunning || waitingForReply.IsRunning);
    }

    [Fact]
    public async Task A_cluster_that_cannot_connect_says_who_is_missing()
    {
        var options = new EmulatedClusterOptions { Transport = new DeafTransport(), ConnectTimeout = TimeSpan.FromMilliseconds(100) };

        var late = await Assert.ThrowsAsync<TimeoutException>(() => EmulatedCluster.StartAsync(2, options));

        Assert.Contains("node 0 with node 1 (sender ", late.Message, StringComparison.Ordinal);
        Assert.Contains("node 1 with node 0 (sender ", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_and_drivers_can_be_changed_for_each_node()
    {
        List<int> configured = [];
        List<int> decorated = [];
        await using var cluster = await EmulatedCluster.StartAsync(2, new EmulatedClusterOptions
        {
            ConfigureProxy = (node, options) =>
            {
                configured.Add(node);
                Assert.Single(options.Peers).Compress = node == 1 ? PayloadCompression.On : PayloadCompression.Off;
            },
            DecorateDevice = device =>
            {
                decorated.Add(device.LocalNodeId);
                return new Decorated(device);
            },
        });
        await cluster[1].RestartProxyAsync();

        Assert.Equal([0, 1], configured);
        Assert.Equal([0, 1, 1], decorated);
        Assert.Equal(PayloadCompression.Off, cluster[0].ProxyOptions.Peers[0].Compress);
        Assert.Equal(PayloadCompression.On, cluster[1].ProxyOptions.Peers[0].Compress);
    }

    [Fact]
    public async Task What_is_no_node_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => EmulatedCluster.StartAsync(0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => EmulatedCluster.StartAsync(33));
        await using var cluster = await EmulatedCluster.StartAsync(2);
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.Cut(0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.Stall(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => cluster.StartProcess(2, Server, "nowhere", static _ => { }));
    }

    private static IProxyTransport TransportOf(bool tcp) => tcp ? new TcpTransport() : new InMemoryTransport();

    private static bool IsFetched(EmulatedNode node, DvkProcessHandle process)
    {
        var slot = node.Device.GetProcessInfo(process.DcId, process.Endpoint);
        return slot.Status != ProcessStatus.Runnable && slot.ProxyId == WellKnownEndpoint.None;
    }

    private static void Serve(DvkProcess self, int requests)
    {
        for (var served = 0; served < requests; served++)
        {
            var request = self.ReceiveRequest();
            self.Reply(request.Source, new Message { Type = request.Type + 1 });
        }
    }

    private static int Ask(DvkProcess self, int server, int number)
    {
        var message = new Message { Type = number };
        self.SendReceive(server, ref message);
        return message.Type;
    }

    private sealed class Decorated(IDvkDevice inner) : DelegatingDvkDevice(inner);

    // Listens, and lets nobody in.
    private sealed class DeafTransport : IProxyTransport
    {
        private readonly InMemoryTransport _inner = new();

        public string Name => "deaf";

        public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
            _inner.ListenAsync(local, cancellationToken);

        public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
            ValueTask.FromException<ProxyConnection>(new ProxyTransportException($"Cannot connect to {remote}: deaf."));
    }
}
