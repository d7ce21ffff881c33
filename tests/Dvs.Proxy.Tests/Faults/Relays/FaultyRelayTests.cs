using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Relays;

/// <summary>The relay's faults really happen on sockets.</summary>
public sealed class FaultyRelayTests : IDisposable
{
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 20_000).Select(static value => (byte)(value * 7))];

    private readonly Socket _target = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public FaultyRelayTests()
    {
        _target.Bind(new IPEndPoint(IPAddress.Parse(LoopbackPort.NewAddress()), 0));
        _target.Listen();
    }

    public void Dispose() => _target.Dispose();

    [Fact]
    public void A_clean_relay_passes_everything_both_ways()
    {
        using var relay = Relay(new FaultMix { FaultyConnections = 0 }, 1);
        var (client, server) = Connect(relay);
        Assert.Equal(Bytes, Pass(client, server));
        Assert.Equal(Bytes, Pass(server, client));
        client.Dispose();
        server.Dispose();
    }

    [Theory]
    [InlineData(nameof(FaultKind.Cut))]
    [InlineData(nameof(FaultKind.HalfClose))]
    [InlineData(nameof(FaultKind.Swallow))]
    public void The_stream_ends_at_its_byte(string name)
    {
        var kind = Enum.Parse<FaultKind>(name);
        var (mix, seed, end) = Ending(kind);
        using var relay = Relay(mix, seed);
        var (client, server) = Connect(relay);

        var got = Pass(client, server, complete: false);
        Assert.Equal(Bytes[..got.Length], got);
        if (kind != FaultKind.Swallow)
        {
            Assert.Equal(end, got.Length);
        }

        Assert.True(got.Length <= end);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void A_reset_arrives_as_a_reset()
    {
        var (mix, seed, _) = Ending(FaultKind.Reset);
        using var relay = Relay(mix, seed);
        var (client, server) = Connect(relay);
        client.Send(Bytes);

        var failure = Assert.Throws<SocketException>(() => ReadAll(client));
        Assert.Equal(SocketError.ConnectionReset, failure.SocketErrorCode);
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void A_refused_attempt_is_reset_before_a_byte_passes()
    {
        var mix = new FaultMix();
        var seed = Enumerable.Range(1, 1000).First(candidate => new FaultSchedule(candidate, mix).Refuses("relay attempt", 0));
        using var relay = Relay(mix, seed);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        Assert.Throws<SocketException>(() =>
        {
            client.Connect(relay.EndPoint);
            ReadAll(client);
        });
        Assert.False(_target.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public void Flips_and_splits_pass_through()
    {
        var mix = new FaultMix { Refuses = false, Ending = [], Passing = [FaultKind.Flip, FaultKind.Split], FaultyConnections = 1 };
        var seed = Enumerable.Range(1, 1000).First(candidate =>
            new FaultSchedule(candidate, mix).Faults("relay out", 0).Count(static fault => fault.Kind == FaultKind.Flip && fault.Position < 10_000) == 1);
        using var relay = Relay(mix, seed);
        var (client, server) = Connect(relay);

        var got = Pass(client, server);
        Assert.Equal(Bytes.Length, got.Length);
        Assert.Equal(1, got.Zip(Bytes).Count(static pair => pair.First != pair.Second));
        client.Dispose();
        server.Dispose();
    }

    [Fact]
    public void Disposing_ends_connections_and_threads()
    {
        var relay = Relay(new FaultMix { FaultyConnections = 0 }, 1);
        var (client, server) = Connect(relay);
        relay.Dispose();

        Assert.Empty(ReadAll(client));
        Assert.Empty(ReadAll(server));
        client.Dispose();
        server.Dispose();
    }

    private static (FaultMix Mix, int Seed, int End) Ending(FaultKind kind)
    {
        var mix = new FaultMix { Refuses = false, Passing = [], Ending = [kind], FaultyConnections = 1, LargestPosition = 16_384 };
        var seed = Enumerable.Range(1, 1000).First(candidate =>
            new FaultSchedule(candidate, mix).Faults("relay out", 0).Count == 1 && new FaultSchedule(candidate, mix).Faults("relay back", 0).Count == 1);
        return (mix, seed, (int)new FaultSchedule(seed, mix).Faults("relay out", 0)[0].Position);
    }

    private FaultyRelay Relay(FaultMix mix, int seed) => new((IPEndPoint)_target.LocalEndPoint!, new FaultSchedule(seed, mix), "relay");

    private (Socket Client, Socket Server) Connect(FaultyRelay relay)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(relay.EndPoint);
        return (client, _target.Accept());
    }

    private static byte[] Pass(Socket from, Socket to, bool complete = true)
    {
        var reading = Task.Run(() => ReadAll(to));
        from.Send(Bytes);
        if (complete)
        {
            from.Shutdown(SocketShutdown.Send);
        }

        Assert.True(reading.Wait(Eventually.Limit));
        return reading.Result;
    }

    private static byte[] ReadAll(Socket socket)
    {
        var all = new List<byte>();
        var buffer = new byte[4096];
        int length;
        while ((length = socket.Receive(buffer)) > 0)
        {
            all.AddRange(buffer.AsSpan(0, length));
        }

        return [.. all];
    }
}
