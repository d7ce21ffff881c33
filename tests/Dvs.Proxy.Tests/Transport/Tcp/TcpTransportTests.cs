using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Sockets;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>What is TCP's own.</summary>
public sealed partial class TcpTransportTests
{
    private const int GetFileStatusFlags = 3; // F_GETFL
    private const int NonBlocking = 0x800; // O_NONBLOCK on Linux

    [Fact]
    public async Task Sockets_of_connections_stay_in_blocking_mode()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Asks fcntl of Linux.");
        await using var pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
        pair.Near.Send([1, 2]);
        Assert.Equal([1, 2], pair.Far.Receive(2));
        pair.Far.Send([3]);
        Assert.Equal([3], pair.Near.Receive(1));
        var reading = Patience.OnThread(pair.Near.ReadToEnd); // a read that has to wait
        pair.Far.Send([4]);

        Assert.Equal(0, FileControl(DescriptorOf(pair.Near), GetFileStatusFlags, 0) & NonBlocking);
        Assert.Equal(0, FileControl(DescriptorOf(pair.Far), GetFileStatusFlags, 0) & NonBlocking);
        pair.Near.Abort();
        Assert.True(await reading.Soon());
        Assert.Equal(0, FileControl(DescriptorOf(pair.Near), GetFileStatusFlags, 0) & NonBlocking);
    }

    [Fact]
    public async Task A_connect_that_gets_no_answer_ends_when_it_is_canceled()
    {
        // A listener whose queue is full does not answer: the kernel drops what arrives.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen(1);
        var endpoint = new TransportEndpoint("127.0.0.1", ((IPEndPoint)silent.LocalEndPoint!).Port);
        var transport = new TcpTransport();
        using var giveUp = new CancellationTokenSource();
        var connecting = new List<Task<ProxyConnection>>();
        for (var i = 0; i < 6; i++)
        {
            connecting.Add(Patience.OnThread(() => transport.ConnectAsync(endpoint, giveUp.Token).WaitBlocking()));
        }

        await Eventually.TrueAsync(() => connecting.Count(each => each.IsCompletedSuccessfully) >= 2);
        Assert.Contains(connecting, each => !each.IsCompleted);
        await giveUp.CancelAsync();
        var canceled = 0;
        foreach (var each in connecting)
        {
            try
            {
                var connected = await each.Soon();
                await connected.DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                canceled++;
            }
        }

        Assert.InRange(canceled, 1, 4);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public async Task Listening_everywhere_hears_both_families_and_shows_IPv4_as_IPv4(string host)
    {
        Assert.SkipWhen(host == "::1" && !IPv6.IsAvailable, IPv6.Reason);
        await using var pair = await ConnectedPair.Open(new TcpTransport(), null, host);
        Assert.Equal(host == "::1" ? IPAddress.IPv6Loopback : IPAddress.Loopback, pair.Far.RemoteAddress);
        Assert.StartsWith(host == "::1" ? "[::1]:" : "127.0.0.1:", pair.Far.RemoteName, StringComparison.Ordinal);
        Assert.Equal(
            $"{(host == "::1" ? "[::1]" : "127.0.0.1")}:{pair.Listener.LocalEndpoint.Port}", pair.Near.RemoteName);
        Assert.Null(pair.Listener.LocalEndpoint.Host);
    }

    [Fact]
    public async Task The_connecting_address_is_what_the_accepting_side_sees()
    {
        await using var pair = await ConnectedPair.Open(new TcpTransport(), "127.4.5.6", "127.4.5.6");
        Assert.Equal(IPAddress.Parse("127.4.5.6"), pair.Near.RemoteAddress);
    }

    [Fact]
    public async Task An_address_that_is_not_local_cannot_be_listened_on()
    {
        var failure = await Assert.ThrowsAsync<ProxyTransportException>( // 192.0.2.0/24 is for documentation
            async () => await new TcpTransport().ListenAsync(new TransportEndpoint("192.0.2.1", 0), CancellationToken.None));
        Assert.Equal("Cannot listen on 192.0.2.1:0: the address is not one of this machine.", failure.Message);
    }

    [Theory]
    [InlineData("no-such-node.invalid")] // RFC 6761: never resolves
    [InlineData("bad name with spaces")]
    [InlineData("")]
    public async Task A_name_that_cannot_be_resolved_is_said_by_name(string host)
    {
        var connecting = Patience.OnThread(
            () => new TcpTransport().ConnectAsync(new TransportEndpoint(host, 3000), CancellationToken.None).WaitBlocking());
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(() => connecting.Soon());
        Assert.Contains($"{host}:3000", failure.Message, StringComparison.Ordinal);
        Assert.Contains("name", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_by_the_peer_is_said_with_its_address()
    {
        await using var pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
        var far = ((TcpConnection)pair.Far).Socket;
        far.LingerState = new LingerOption(enable: true, seconds: 0); // close then resets
        var reading = Patience.OnThread(() =>
        {
            var failure = Assert.Throws<IOException>(() => pair.Near.Input.ReadBlocking());
            Assert.Contains(pair.Near.RemoteName, failure.Message, StringComparison.Ordinal);
            Assert.Contains("reset", failure.Message, StringComparison.Ordinal);
            return true;
        });
        far.Dispose();
        Assert.True(await reading.Soon());
        Assert.Throws<IOException>(() => pair.Near.Input.ReadBlocking());
    }

    [Fact]
    public async Task Options_reach_both_sockets()
    {
        var transport = new TcpTransport(new TcpTransportOptions
        {
            KeepAliveTime = TimeSpan.FromSeconds(21),
            KeepAliveInterval = TimeSpan.FromSeconds(7),
            KeepAliveRetries = 9,
        });
        await using var pair = await ConnectedPair.Open(transport, "127.0.0.1", "127.0.0.1");
        foreach (var socket in new[] { ((TcpConnection)pair.Near).Socket, ((TcpConnection)pair.Far).Socket })
        {
            Assert.True(socket.NoDelay);
            Assert.NotEqual(0, (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)!);
            Assert.Equal(21, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime)!);
            Assert.Equal(7, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
            Assert.Equal(9, (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);
        }
    }

    [Theory]
    [InlineData(40_000, 40_000)]
    [InlineData(null, 0)]
    public async Task No_more_waits_unsent_in_the_kernel_than_the_options_say(int? option, int expected)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Asks the kernel of Linux.");
        const int tcpLevel = 6; // IPPROTO_TCP
        const int notSentLowWater = 25; // TCP_NOTSENT_LOWAT
        await using var pair = await ConnectedPair.Open(new TcpTransport(new TcpTransportOptions { UnsentBytes = option }), "127.0.0.1", "127.0.0.1");
        foreach (var connection in new[] { pair.Near, pair.Far })
        {
            var value = new byte[sizeof(int)];
            ((TcpConnection)connection).Socket.GetRawSocketOption(tcpLevel, notSentLowWater, value);
            Assert.Equal(expected, BitConverter.ToInt32(value));
        }
    }

    [Fact]
    public async Task As_many_connections_wait_as_the_backlog_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Asks the kernel of Linux.");
        const int tcpLevel = 6; // IPPROTO_TCP
        const int tcpInfo = 11; // TCP_INFO
        const int backlogOffset = 28; // tcpi_sacked: of a listening socket, the length of its queue
        await using var listener = await new TcpTransport(new TcpTransportOptions { Backlog = 7 }).ListenAsync(new TransportEndpoint("127.0.0.1", 0), CancellationToken.None);
        var info = new byte[backlogOffset + sizeof(int)];

        ((SocketListener)listener).Socket.GetRawSocketOption(tcpLevel, tcpInfo, info);

        Assert.Equal(7, BitConverter.ToInt32(info, backlogOffset));
    }

    [Fact]
    public async Task Of_several_addresses_the_one_that_answers_is_taken_though_the_first_swallows_everything()
    {
        using var silent = await Swallow("127.0.0.2");
        var port = ((IPEndPoint)silent.LocalEndPoint!).Port;
        await using var listener = await new TcpTransport().ListenAsync(new TransportEndpoint("127.0.0.3", port), CancellationToken.None);
        var transport = Named("127.0.0.2", "127.0.0.3");

        await using var near = await Patience.OnThread(() => transport.ConnectAsync(new TransportEndpoint("node1", port), CancellationToken.None).WaitBlocking()).Soon();

        Assert.Equal(IPAddress.Parse("127.0.0.3"), near.RemoteAddress);
        Assert.True(((TcpConnection)near).Socket.NoDelay);
    }

    [Fact]
    public async Task Where_none_answers_each_is_named_with_its_reason()
    {
        using var silent = await Swallow("127.0.0.2");
        var port = ((IPEndPoint)silent.LocalEndPoint!).Port;
        var transport = Named("127.0.0.4", "127.0.0.2"); // nobody listens on the first
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(2));

        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Patience.OnThread(() => transport.ConnectAsync(new TransportEndpoint("node1", port), giveUp.Token).WaitBlocking()).Soon());

        Assert.Equal("127.0.0.4: connection refused: nobody listens there; 127.0.0.2: no answer", failure.Message);

        var refused = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await Named("127.0.0.4", "127.0.0.5").ConnectAsync(new TransportEndpoint("node1", port), CancellationToken.None));
        Assert.Equal(
            $"Cannot connect to node1:{port}: 127.0.0.4: connection refused: nobody listens there; 127.0.0.5: connection refused: nobody listens there.", refused.Message);
    }

    [Fact]
    public async Task A_name_that_stands_for_no_host_is_not_connected_to()
    {
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await Named("0.0.0.0").ConnectAsync(new TransportEndpoint("blocked", 3000), CancellationToken.None));

        Assert.Equal("Cannot connect to blocked:3000: 0.0.0.0 stands for every address of a machine, and names none.", failure.Message);
    }

    [Fact]
    public void The_families_are_tried_in_turn_IPv4_first()
    {
        IPAddress[] found = [.. new[] { "::1", "::2", "::3", "10.0.0.1", "::ffff:10.0.0.2", "10.0.0.1" }.Select(IPAddress.Parse)];

        Assert.Equal(
            ["10.0.0.1", "::1", "10.0.0.2", "::2", "::3"],
            SocketAddresses.Resolve("node1", "", (_, _) => found, CancellationToken.None).Select(static each => each.ToString()));
    }

    private static TcpTransport Named(params string[] addresses) =>
        new(new TcpTransportOptions(), (_, _) => [.. addresses.Select(IPAddress.Parse)], TimeProvider.System);

    /// <summary>A listener whose queue is full: the kernel drops what arrives, and answers nothing.</summary>
    private static async Task<Socket> Swallow(string address)
    {
        var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        silent.Listen(1);
        while (true)
        {
            // Not disposed: the connections in the queue are those of the listener, which takes them along.
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await filler.ConnectAsync(silent.LocalEndPoint!, limit.Token);
            }
            catch (OperationCanceledException)
            {
                filler.Dispose();
                return silent;
            }
        }
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("KeepAliveRetries", Refused(new TcpTransportOptions { KeepAliveRetries = 0 }), StringComparison.Ordinal);
        Assert.Contains("KeepAliveTime", Refused(new TcpTransportOptions { KeepAliveTime = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("UnansweredLimit", Refused(new TcpTransportOptions { UnansweredLimit = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains("ReadBufferSize", Refused(new TcpTransportOptions { BufferSizes = new SocketBufferSizes { ReadBufferSize = 4096 } }), StringComparison.Ordinal);
        Assert.Contains("UnsentBytes", Refused(new TcpTransportOptions { UnsentBytes = 0 }), StringComparison.Ordinal);
        Assert.Contains("Backlog", Refused(new TcpTransportOptions { Backlog = 0 }), StringComparison.Ordinal);
        const int Size = SocketBufferSizes.SmallestReadBufferSize;
        Assert.Contains("MaximumReadBufferSize", Refused(new TcpTransportOptions { BufferSizes = new SocketBufferSizes { ReadBufferSize = Size, MaximumReadBufferSize = Size - 1 } }), StringComparison.Ordinal);
        Assert.Equal("tcp", new TcpTransport(new TcpTransportOptions { BufferSizes = new SocketBufferSizes { ReadBufferSize = Size, MaximumReadBufferSize = Size } }).Name);

        static string Refused(TcpTransportOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new TcpTransport(options)).Message;
    }

    [Fact]
    public async Task Ping_pong_allocates_nothing_in_steady_state()
    {
        await using var pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
        var echo = Patience.OnThread(() => Allocated(() => Echo(pair.Far, 168, 500), () => Echo(pair.Far, 168, 2000)));
        var ping = Patience.OnThread(() => Allocated(() => Ping(pair.Near, 168, 500), () => Ping(pair.Near, 168, 2000)));
        Assert.Equal(0, await ping.Soon());
        Assert.Equal(0, await echo.Soon());
    }

    [Fact]
    public async Task Blocks_allocate_nothing_in_steady_state()
    {
        await using var pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
        const int Size = 168 + 65536;

        // The pool is the process's: enough for both ends, and for whatever other tests take meanwhile.
        byte[][] spare = [.. Enumerable.Range(0, 48).Select(static _ => TransportBuffers.Pool.Rent(Size))];
        Array.ForEach(spare, static buffer => TransportBuffers.Pool.Return(buffer));
        var echo = Patience.OnThread(() => Allocated(() => Echo(pair.Far, Size, 50), () => Echo(pair.Far, Size, 200)));
        var ping = Patience.OnThread(() => Allocated(() => Ping(pair.Near, Size, 50), () => Ping(pair.Near, Size, 200)));
        Assert.Equal(0, await ping.Soon());
        Assert.Equal(0, await echo.Soon());
    }

    private static long Allocated(Action warmUp, Action work)
    {
        warmUp();
        return Allocations.Least(work);
    }

    private static void Ping(ProxyConnection connection, int size, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            WriteFrame(connection, size);
            ReadFrame(connection, size);
        }
    }

    private static void Echo(ProxyConnection connection, int size, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            ReadFrame(connection, size);
            WriteFrame(connection, size);
        }
    }

    private static void WriteFrame(ProxyConnection connection, int size)
    {
        connection.Output.GetSpan(size)[..size].Fill(1);
        connection.Output.Advance(size);
        connection.Output.FlushBlocking();
    }

    private static void ReadFrame(ProxyConnection connection, int size)
    {
        while (true)
        {
            var result = connection.Input.ReadBlocking();
            if (result.Buffer.Length >= size)
            {
                connection.Input.AdvanceTo(result.Buffer.GetPosition(size));
                return;
            }

            if (result.IsCompleted)
            {
                throw new EndOfStreamException();
            }

            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static int DescriptorOf(ProxyConnection connection) => (int)((TcpConnection)connection).Socket.Handle;

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, nint argument);
}
