using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Tests.Configuration.Resolved;

public class PeerResolverTests
{
    [Fact]
    public void Defaults_come_from_the_base_port_the_ids_and_the_name()
    {
        var peer = Resolve(new PeerOptions { Name = "node7", ProxyId = 7 });

        Assert.Equal((7, 7, "node7", "node7", "tcp"), (peer.ProxyId, peer.NodeId, peer.Name, peer.DriverName, peer.Options.Transport));
        Assert.Equal(new TransportEndpoint("node7", 3004), peer.Remote);
        Assert.Equal(new TransportEndpoint(null, 3007), peer.Listen);
        Assert.Equal((false, 384, TimeSpan.FromSeconds(90)), (peer.CompressBatches, peer.MaxBatchCommands, peer.IdleTimeout));
        Assert.Empty(peer.Allow);
    }

    [Fact]
    public void What_is_changed_in_the_options_later_reaches_nobody()
    {
        var options = new PeerOptions { Name = "node7", ProxyId = 7, ResumeWindow = TimeSpan.FromSeconds(1) };

        var peer = Resolve(options);
        options.Name = "node8";
        options.ResumeWindow = TimeSpan.FromSeconds(2);

        Assert.Equal(("node7", TimeSpan.FromSeconds(1)), (peer.Name, peer.Options.ResumeWindow));
    }

    [Theory]
    [InlineData(PayloadCompression.Auto, true, PayloadCompression.Auto, false)]
    [InlineData(PayloadCompression.Auto, false, PayloadCompression.Off, false)]
    [InlineData(PayloadCompression.On, true, PayloadCompression.On, true)]
    [InlineData(PayloadCompression.On, false, PayloadCompression.On, true)]
    [InlineData(PayloadCompression.Off, true, PayloadCompression.Off, false)]
    public void Compression_decides_itself_in_a_session_only(PayloadCompression option, bool session, PayloadCompression expected, bool batches)
    {
        var peer = Resolve(new PeerOptions { Name = "node7", ProxyId = 7, UseSession = session, Compress = option });

        Assert.Equal((expected, batches), (peer.Compress, peer.CompressBatches));
    }

    [Fact]
    public void What_is_set_stays()
    {
        var peer = Resolve(new PeerOptions
        {
            Name = "node7",
            ProxyId = 7,
            Host = "[::1]",
            ConnectPort = 1,
            ListenPort = 2,
            ListenHost = "::1",
            Compress = PayloadCompression.On,
            MaxBatchCommands = 5,
            IdleTimeout = TimeSpan.Zero,
            Allow = { "10.0.0.0/8", "::ffff:192.168.0.1", "fe80::/10" },
            Dcs = { 0, 31, 0 },
        });

        Assert.Equal((new TransportEndpoint("::1", 1), new TransportEndpoint("::1", 2)), (peer.Remote, peer.Listen));
        Assert.Equal(0x8000_0001UL, peer.Dcs);
        Assert.Equal((true, 5, Timeout.InfiniteTimeSpan), (peer.CompressBatches, peer.MaxBatchCommands, peer.IdleTimeout));
        Assert.Equal(["10.0.0.0/8", "192.168.0.1/32", "fe80::/10"], peer.Allow.Select(network => network.ToString()));
    }

    [Theory]
    [InlineData("10.200.0.1", true)]
    [InlineData("11.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("192.168.0.1", true)]
    [InlineData("192.168.0.2", false)]
    [InlineData("::1", false)]
    public void The_list_compares_addresses_whatever_their_form(string address, bool expected)
    {
        var peer = Resolve(new PeerOptions { Name = "a", ProxyId = 1, Allow = { "10.0.0.0/8", "::ffff:192.168.0.1" } });

        Assert.Equal(expected, new AddressFilter(peer.Allow).IsAllowed(IPAddress.Parse(address)));
    }

    [Theory]
    [InlineData("short", "short")]
    [InlineData("exactly15bytes_", "exactly15bytes_")]
    [InlineData("exactly15bytes_x", "exactly15bytes_")]
    [InlineData("fourteen_bytesñ", "fourteen_bytes")]
    [InlineData("eleven_byte🚀🚀", "eleven_byte🚀")]
    public void The_drivers_name_is_cut_between_characters(string name, string expected) =>
        Assert.Equal(expected, Resolve(new PeerOptions { Name = name, ProxyId = 1 }).DriverName);

    [Theory]
    [InlineData("any", null)]
    [InlineData("127.0.0.1", null)]
    public void At_a_shared_port_one_who_listens_everywhere_listens_for_all(string first, string? second)
    {
        var peers = PeerResolver.Resolve(
            new ProxyOptions
            {
                Peers =
                {
                    new PeerOptions { Name = "a", ProxyId = 1, ListenPort = 9, ListenHost = first },
                    new PeerOptions { Name = "b", ProxyId = 2, ListenPort = 9, ListenHost = second, Transport = "TCP" },
                    new PeerOptions { Name = "c", ProxyId = 3, ListenPort = 10, ListenHost = "Localhost" },
                    new PeerOptions { Name = "d", ProxyId = 5, ListenPort = 0 },
                    new PeerOptions { Name = "e", ProxyId = 6, ListenPort = 0, ListenHost = "127.0.0.1" },
                },
            },
            new DvsInfo(),
            4);

        Assert.Equal(["*:9", "*:9", "localhost:10", "*:0", "127.0.0.1:0"], peers.Select(peer => peer.Listen.ToString()));
    }

    [Fact]
    public void The_drivers_largest_block_and_the_data_model_limit_a_batch()
    {
        var options = new ProxyOptions { DataModel = DataModel.Ilp32, Peers = { new PeerOptions { Name = "a", ProxyId = 1 }, new PeerOptions { Name = "b", ProxyId = 2, MaxBatchCommands = 500 } } };

        Assert.Equal([537, 500], PeerResolver.Resolve(options, new DvsInfo(), 4).Select(peer => peer.MaxBatchCommands));
        Assert.Equal([136, 136], PeerResolver.Resolve(options, new DvsInfo { MaxCopyBuffer = 16_384 }, 4).Select(peer => peer.MaxBatchCommands));
    }

    [Fact]
    public void Without_a_local_node_there_is_nothing_to_resolve() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PeerResolver.Resolve(new ProxyOptions(), new DvsInfo(), -1));

    private static ResolvedPeer Resolve(PeerOptions peer) => PeerResolver.Resolve(new ProxyOptions { Peers = { peer } }, new DvsInfo(), 4)[0];
}
