using System.Net;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;

namespace Dvs.Proxy.Tests.Transport.InMemory;

public sealed class InMemoryTransportTests : HostTransportContract
{
    protected override string Host => "node0";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.All;

    protected override IProxyTransport CreateTransport() => new InMemoryTransport();

    [Fact]
    public async Task Views_share_a_network_and_tell_nodes_apart()
    {
        var transport = new InMemoryTransport();
        var node1 = transport.WithLocalAddress(IPAddress.Parse("10.0.0.1"));
        await using var listener = await transport.ListenAsync(new TransportEndpoint(null, 3001), CancellationToken.None);
        await using var near = await node1.ConnectAsync(new TransportEndpoint("NODE0", 3001), CancellationToken.None);
        await using var far = await listener.AcceptAsync(CancellationToken.None).AsTask().Soon();
        Assert.Equal(IPAddress.Parse("10.0.0.1"), far!.RemoteAddress);
        Assert.StartsWith("10.0.0.1:", far.RemoteName, StringComparison.Ordinal);
        Assert.Equal("NODE0:3001", near.RemoteName);
        await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await new InMemoryTransport().ConnectAsync(new TransportEndpoint("node0", 3001), CancellationToken.None));
    }

    [Fact]
    public async Task Everywhere_and_somewhere_cannot_share_a_port()
    {
        var transport = new InMemoryTransport();
        await using var everywhere = await transport.ListenAsync(new TransportEndpoint(null, 3001), CancellationToken.None);
        await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ListenAsync(new TransportEndpoint("node0", 3001), CancellationToken.None));
    }
}
