using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Tests.Transport.Addresses;

public sealed class AddressFilterTests
{
    [Fact]
    public void An_empty_filter_lets_everyone_in()
    {
        Assert.True(AddressFilter.Everyone.IsAllowed(IPAddress.Parse("203.0.113.9")));
        Assert.True(AddressFilter.Everyone.IsAllowed(null));
    }

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.0.0.7", "10.0.0.8", false)]
    [InlineData("10.0.0.7", "::ffff:10.0.0.7", true)]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7", true)]
    [InlineData("10.1.0.0/16", "10.1.255.255", true)]
    [InlineData("10.1.0.0/16", "10.2.0.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.9", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("fd00::/8", "fdff::1", true)]
    [InlineData("fd00::/8", "fe80::1", false)]
    [InlineData("fe80::1", "fe80::1%3", true)]
    [InlineData("::1", "127.0.0.1", false)]
    public void Addresses_and_prefixes_decide(string allowed, string address, bool expected)
    {
        Assert.True(AllowedAddress.TryParse(allowed, out var network, out _));
        Assert.Equal(expected, new AddressFilter([network]).IsAllowed(IPAddress.Parse(address)));
    }

    [Fact]
    public void A_filter_of_several_addresses_lets_each_of_them_in_and_no_other()
    {
        var filter = new AddressFilter([IPAddress.Loopback, IPAddress.IPv6Loopback]);
        Assert.True(filter.IsAllowed(IPAddress.Loopback));
        Assert.True(filter.IsAllowed(IPAddress.IPv6Loopback));
        Assert.False(filter.IsAllowed(IPAddress.Parse("127.0.0.2")));
        Assert.False(filter.IsAllowed(null));
        Assert.Equal("127.0.0.1/32, ::1/128", filter.ToString());
    }
}
