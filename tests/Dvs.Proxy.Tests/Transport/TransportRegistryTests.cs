using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport;

public sealed class TransportRegistryTests
{
    private readonly TcpTransport _tcp = new();
    private readonly InMemoryTransport _memory = new();

    [Theory]
    [InlineData("tcp")]
    [InlineData("TCP")]
    public void Names_compare_without_regard_to_case(string name)
    {
        var registry = new TransportRegistry([_tcp, _memory]);
        Assert.Same(_tcp, registry.Get(name));
        Assert.True(registry.TryGet(name, out var found));
        Assert.Same(_tcp, found);
        Assert.Equal(["memory", "tcp"], registry.Names);
    }

    [Fact]
    public void A_name_that_nobody_registered_is_answered_with_those_that_are()
    {
        var registry = new TransportRegistry([_tcp, _memory]);
        Assert.False(registry.TryGet("tipc", out _));
        var failure = Assert.Throws<ProxyTransportException>(() => registry.Get("tipc"));
        Assert.Contains("'tipc'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Registered: memory, tcp.", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ProxyTransportException>(() => new TransportRegistry([]).Get("tcp"));
        Assert.Contains("none is", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_later_of_two_with_one_name_counts()
    {
        var other = new TcpTransport();
        Assert.Same(other, new TransportRegistry([_tcp, other]).Get("tcp"));
    }
}
