using Dvs.Proxy.Conformance.Traffic;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>Client and server of the verb <c>traffic</c>, on one emulated node.</summary>
public sealed class TrafficTests : IDisposable
{
    private static readonly TrafficArguments ServerArguments = new() { Endpoint = 3, Peer = 4 };
    private static readonly TrafficArguments ClientArguments = new() { Endpoint = 4, Peer = 3 };

    private readonly EmulatedDvk _device = EmulatedDvk.StartNode(0);
    private readonly StringWriter _serverOutput = new();
    private readonly StringWriter _clientOutput = new();
    private readonly DriverThread _server;
    private readonly DriverThread _client;

    public TrafficTests()
    {
        _device.StartDc(new DcInfo { DcId = 0, Name = "DC0" });
        _server = new DriverThread(_device, "server");
        _client = new DriverThread(_device, "client");
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Every_kind_of_traffic_is_right_and_the_server_ends_when_told()
    {
        var serving = Serve(() => new TrafficServer(_device, ServerArguments, _serverOutput).Run());
        foreach (var (kind, loops, bytes) in new[]
        {
            (TrafficKind.Echo, 50, 0), (TrafficKind.Send, 20, 0), (TrafficKind.Notify, 20, 0), (TrafficKind.Pull, 3, 100_000), (TrafficKind.Push, 3, 100_000),
            (TrafficKind.End, 1, 0),
        })
        {
            Assert.Equal(0, Call(ClientArguments with { Kind = kind, Loops = loops, Bytes = bytes }));
            Assert.Contains($"{kind}: {loops} in ", _clientOutput.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(0, DriverThread.Finish(serving));
        Assert.DoesNotContain(" came back", _clientOutput.ToString(), StringComparison.Ordinal);
        Assert.Contains("ended after ", _serverOutput.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TrafficKind.Echo, 0, 7, 0, "Echo 0: 7 came back")]
    [InlineData(TrafficKind.Echo, 1, 0, 0, "Echo 0: the reply has type 258")]
    [InlineData(TrafficKind.Pull, 0, -108, 0, "Pull 0: the copy was refused: -108")]
    [InlineData(TrafficKind.Push, 0, 0, 1, "Push 0: other bytes arrived")]
    internal void A_wrong_answer_is_found(TrafficKind kind, int typeError, int first, int second, string expected)
    {
        var answering = Serve(() =>
        {
            ServerArguments.Bind(_device);
            Assert.Equal(DvkError.Ok, _device.Receive(WellKnownEndpoint.Any, out var message, -1));
            return _device.Reply(message.Source, TrafficMessage.Make((message.Type + typeError) | TrafficMessage.Reply, first, second), -1);
        });

        Assert.Equal(1, Call(ClientArguments with { Kind = kind, Bytes = 10 }));
        Assert.Equal(DvkError.Ok, DriverThread.Finish(answering));
        Assert.Contains(expected, _clientOutput.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_is_not_there_is_told()
    {
        Assert.Equal(1, Call(ClientArguments with { Loops = 8 }));
        Assert.Equal(5, _clientOutput.ToString().Split('\n').Count(line => line.StartsWith("Echo ", StringComparison.Ordinal)));
        Assert.Contains("8 wrong", _clientOutput.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_nobody_calls_ends()
    {
        var serving = _server.Start(() => new TrafficServer(_device, ServerArguments with { TimeoutMilliseconds = 1 }, _serverOutput).Run());

        Assert.Equal(1, DriverThread.Finish(serving));
        Assert.Contains("after 0 messages", _serverOutput.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_that_is_taken_is_told()
    {
        Assert.Equal(DvkError.Ok, _server.Call(() => _device.TryBind(BindRequest.Self(0, 4), out _)));

        var refusal = _client.Call(() => Assert.Throws<DvkException>(() => ClientArguments.Bind(_device)));
        Assert.StartsWith("Could not bind endpoint 4 of DC 0", refusal.Message, StringComparison.Ordinal);
    }

    private Task<T> Serve<T>(Func<T> serve)
    {
        var serving = _server.Start(serve);
        Eventually.True(() => (_device.GetProcessInfo(0, ServerArguments.Endpoint).Status & ProcessStatus.Receiving) != 0, "the server receives");
        return serving;
    }

    private int Call(TrafficArguments arguments) => _client.Call(() =>
    {
        // The client of another call was a process of its own.
        _ = _device.TryUnbind(0, arguments.Endpoint, 0);
        return new TrafficClient(_device, arguments, _clientOutput).Run();
    });
}
