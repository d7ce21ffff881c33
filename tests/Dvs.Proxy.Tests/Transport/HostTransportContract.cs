using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Transport;

/// <summary>What the proxy relies on in transports whose addresses are a host and a port.</summary>
public abstract class HostTransportContract : ProxyTransportContract
{
    /// <summary>A local host nobody else in the tests uses, or a name all share.</summary>
    protected abstract string Host { get; }

    protected override TransportEndpoint NewEndpoint() => new(Host, 0);

    [Fact]
    public async Task The_system_chooses_a_port_when_none_is_given()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        await using var first = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        await using var second = await transport.ListenAsync(NewEndpoint(), CancellationToken.None);
        Assert.InRange(first.LocalEndpoint.Port, 1, 65535);
        Assert.InRange(second.LocalEndpoint.Port, 1, 65535);
        Assert.NotEqual(first.LocalEndpoint.Port, second.LocalEndpoint.Port);
        Assert.Equal(Host, first.LocalEndpoint.Host);
    }

    [Fact]
    public async Task Connecting_without_a_host_or_with_a_port_out_of_range_is_an_error_that_says_so()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        var noHost = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ConnectAsync(new TransportEndpoint(null, 3000), CancellationToken.None));
        Assert.Contains("host", noHost.Message, StringComparison.Ordinal);
        var noPort = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ListenAsync(new TransportEndpoint(Host, 65536), CancellationToken.None));
        Assert.Contains("65535", noPort.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_ends_know_each_others_name()
    {
        await using var pair = await OpenPair();
        Assert.EndsWith($":{pair.Listener.LocalEndpoint.Port}", pair.Near.RemoteName, StringComparison.Ordinal);
        Assert.NotNull(pair.Far.RemoteAddress);
        Assert.False(pair.Far.RemoteAddress.IsIPv4MappedToIPv6);
        Assert.StartsWith(
            new System.Net.IPEndPoint(pair.Far.RemoteAddress, 0).ToString()[..^1], pair.Far.RemoteName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_is_refused()
    {
        SkipUnlessAvailable();
        var transport = CreateTransport();
        var path = TransportEndpoint.AtPath("/run/dvs/node1");
        var listening = await Assert.ThrowsAsync<ProxyTransportException>(async () => await transport.ListenAsync(path, CancellationToken.None));
        Assert.Contains("/run/dvs/node1: ", listening.Message, StringComparison.Ordinal);
        Assert.Contains("not a path", listening.Message, StringComparison.Ordinal);
        var connecting = await Assert.ThrowsAsync<ProxyTransportException>(async () => await transport.ConnectAsync(path, CancellationToken.None));
        Assert.Contains("not a path", connecting.Message, StringComparison.Ordinal);
    }
}
