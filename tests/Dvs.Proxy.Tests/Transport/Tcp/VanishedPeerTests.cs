using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>A peer whose host is gone in the middle of traffic, and peers that only look like it.</summary>
public sealed class VanishedPeerTests : IAsyncLifetime
{
    private ConnectedPair _pair = null!;

    private ProxyConnection Near => _pair.Near;

    private Socket NearSocket => ((TcpConnection)_pair.Near).Socket;

    private Socket FarSocket => ((TcpConnection)_pair.Far).Socket;

    public async ValueTask InitializeAsync()
    {
        var options = new TcpTransportOptions { UnansweredLimit = TimeSpan.FromSeconds(1), SendBufferSize = 64 * 1024, ReceiveBufferSize = 64 * 1024 };
        _pair = await ConnectedPair.Open(new TcpTransport(options), "127.0.0.1", "127.0.0.1");
    }

    public async ValueTask DisposeAsync() => await _pair.DisposeAsync();

    [Fact]
    public async Task Whoever_waits_is_told_that_the_peer_vanished()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs socket filters of Linux.");
        Near.Polled().KeepInputAfterAbort();
        var waiting = Patience.OnThread(() => Assert.Throws<IOException>(Near.Polled().WaitForEnd).Message);
        var reading = Patience.OnThread(() => Assert.Throws<IOException>(() => Near.Receive(1)).Message);
        BlackHole.Open(FarSocket);
        var writing = Patience.OnThread(() => Assert.Throws<IOException>(WriteForEver).Message);

        foreach (var message in new[] { await waiting.Soon(), await reading.Soon(), await writing.Soon() })
        {
            Assert.Equal($"{Near.RemoteName} has left everything unanswered for 1 s: its host or the network is down.", message);
        }
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_no_vanished_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs TCP_INFO of Linux.");
        var writing = Patience.OnThread(() => Assert.Throws<IOException>(WriteForEver).Message);

        // The kernel asks a full peer less and less often: 16 times the first interval of 200 ms is well over the limit.
        await Eventually.TrueAsync(() => Backoff(NearSocket) >= 4);
        Assert.False(writing.IsCompleted);
        _pair.Far.Receive(1_000_000);
        Assert.False(writing.IsCompleted);
        _pair.Far.Abort();
        await _pair.Far.DisposeAsync(); // with unread data: a reset, which a full window does not keep out
        await writing.Soon();
    }

    [Fact]
    public async Task A_network_that_comes_back_in_time_ends_nothing()
    {
        await _pair.DisposeAsync();
        _pair = await ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs socket filters of Linux.");
        BlackHole.Open(FarSocket);
        Near.Send([1, 2, 3]);
        await Eventually.TrueAsync(() => TcpAnswers.TryRead(NearSocket, out var answers) && answers.Unanswered >= 2);
        BlackHole.Close(FarSocket);

        Assert.Equal([1, 2, 3], await Patience.OnThread(() => _pair.Far.Receive(3)).Soon());
        _pair.Far.Send([4]);
        Assert.Equal([4], await Patience.OnThread(() => Near.Receive(1)).Soon());
    }

    [Fact]
    public async Task A_closed_socket_says_nothing()
    {
        await Near.DisposeAsync();
        Assert.False(TcpAnswers.TryRead(NearSocket, out _));
    }

    private void WriteForEver()
    {
        var block = new byte[10_000];
        while (true)
        {
            Near.Output.Write(block);
            if (Near.Output.FlushBlocking().IsCompleted)
            {
                throw new InvalidOperationException("It ended without a reason.");
            }
        }
    }

    // tcpi_backoff
    private static int Backoff(Socket socket)
    {
        Span<byte> info = stackalloc byte[8];
        socket.GetRawSocketOption(6, 11, info);
        return info[4];
    }
}
