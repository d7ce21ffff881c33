using System.Net;
using System.Net.NetworkInformation;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Tests.Transport.Addresses;

/// <summary>What looks like an address must be one; everything else is a host name or nothing.</summary>
public class HostTextTests
{
    private const string Rule = "An address is four decimal numbers 0..255 without leading zeros.";

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.0.0.8", "10.0.0.8")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    [InlineData("FD00::A", "fd00::a")]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    public void An_address_written_in_full_is_one(string text, string address)
    {
        var read = HostText.Read(text);

        Assert.True(read.IsGood);
        Assert.Equal(IPAddress.Parse(address), read.Address);
        Assert.True(HostText.TryParseAddress(text, out var parsed));
        Assert.Equal(read.Address, parsed);
    }

    [Theory]
    [InlineData("node1")]
    [InlineData("localhost")]
    [InlineData("a-b.example.org")]
    [InlineData("example.org.")]
    [InlineData("3com.com")]
    [InlineData("1.2.3.x4")]
    [InlineData("10.0.0.1a")]
    [InlineData("0x7f.example")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123.x")]
    public void A_host_name_is_one(string text)
    {
        Assert.Equal(default, HostText.Read(text));
        Assert.False(HostText.TryParseAddress(text, out _));
    }

    [Theory]
    [InlineData("192.168.1", Rule + " inet_aton would read 192.168.0.1: write 192.168.0.1, if that is meant.")]
    [InlineData("3001", Rule + " inet_aton would read 0.0.11.185: write 0.0.11.185, if that is meant.")]
    [InlineData("10.0.0.010", Rule + " inet_aton would read 10.0.0.8: write 10.0.0.8 or 10.0.0.10, whichever is meant.")]
    [InlineData("010.0.0.1", Rule + " inet_aton would read 8.0.0.1: write 8.0.0.1 or 10.0.0.1, whichever is meant.")]
    [InlineData("10.0.0.01", Rule + " inet_aton would read 10.0.0.1: write 10.0.0.1, if that is meant.")]
    [InlineData("0x7f.1", Rule + " inet_aton would read 127.0.0.1: write 127.0.0.1, if that is meant.")]
    [InlineData("0x7F000001", Rule + " inet_aton would read 127.0.0.1: write 127.0.0.1, if that is meant.")]
    [InlineData("017700000001", Rule + " inet_aton would read 127.0.0.1: write 127.0.0.1, if that is meant.")]
    [InlineData("10.65535", Rule + " inet_aton would read 10.0.255.255: write 10.0.255.255, if that is meant.")]
    [InlineData("4294967295", Rule + " inet_aton would read 255.255.255.255: write 255.255.255.255, if that is meant.")]
    [InlineData("4294967296", Rule)]
    [InlineData("10.0.0.08", Rule)]
    [InlineData("127.0.0.256", Rule)]
    [InlineData("10.16777216", Rule)]
    [InlineData("256.1", Rule)]
    [InlineData("1.2.3.4.5", Rule)]
    [InlineData("1.2.3.4.", Rule)]
    [InlineData("1..2", Rule)]
    [InlineData("node.1", Rule)]
    [InlineData("0x", Rule)]
    [InlineData("-1", "The parts of a host name neither begin nor end with a hyphen.")]
    public void What_looks_like_an_address_and_is_none_is_told_how_c_would_read_it(string text, string advice)
    {
        var read = HostText.Read(text);

        Assert.False(read.IsGood);
        Assert.Null(read.Address);
        Assert.Equal(advice, read.Suggestion);
        Assert.False(HostText.TryParseAddress(text, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a b")]
    [InlineData("a\tb")]
    [InlineData("“node1”")]
    [InlineData("‘10.0.0.1’")]
    [InlineData("bücher.example")]
    [InlineData("１０.0.0.１")]
    [InlineData("10.0.0.1/24")]
    [InlineData("node1:3000")]
    [InlineData("[node1]")]
    [InlineData("[10.0.0.1]")]
    [InlineData("::1::")]
    [InlineData(":::")]
    [InlineData("::1/64")]
    [InlineData("[::1]:80")]
    [InlineData("::10.0.0.010")]
    [InlineData("::ffff:1.2.3")]
    [InlineData("::g")]
    [InlineData("::1%")]
    [InlineData("fe80::1%no-such-nic")]
    [InlineData("fe80::1%4294967290")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234.x")]
    public void What_is_neither_is_refused(string text)
    {
        var read = HostText.Read(text);

        Assert.False(read.IsGood);
        Assert.Null(read.Address);
    }

    [Theory]
    [InlineData("“node1”", "typographic")]
    [InlineData("bücher.example", "xn--")]
    [InlineData("a_b", "letters, digits, hyphens and dots")]
    [InlineData("10.0.0.1/24", "without the length of a prefix")]
    [InlineData("fe80::1%no-such-nic", "names one of")]
    public void The_advice_fits(string text, string part) => Assert.Contains(part, HostText.Read(text).Suggestion, StringComparison.Ordinal);

    [Fact]
    public void A_name_has_at_most_253_characters()
    {
        var longest = string.Join('.', Enumerable.Repeat(new string('a', 61), 4)) + ".abcde";

        Assert.Equal(253, longest.Length);
        Assert.True(HostText.Read(longest).IsGood);
        Assert.True(HostText.Read(longest + ".").IsGood);
        Assert.False(HostText.Read(longest + "f").IsGood);
    }

    [Fact]
    public void A_scope_is_an_interface_of_this_machine_by_name_or_number()
    {
        var loopback = Array.Find(NetworkInterface.GetAllNetworkInterfaces(), static each => each.NetworkInterfaceType == NetworkInterfaceType.Loopback);
        Assert.SkipWhen(loopback is null, "There is no loopback interface to be seen.");
        var index = loopback.GetIPProperties().GetIPv6Properties().Index;

        Assert.Equal(index, HostText.Read($"fe80::1%{loopback.Name}").Address?.ScopeId);
        Assert.Equal(index, HostText.Read($"[fe80::1%{index}]").Address?.ScopeId);
    }

    [Theory]
    [InlineData("0.0.0.0", "every address")]
    [InlineData("::", "every address")]
    [InlineData("::ffff:0.0.0.0", "every address")]
    [InlineData("0.0.11.185", "begin with 0")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("fe80::1", "without its interface")]
    public void Some_addresses_are_no_hosts(string address, string part) =>
        Assert.Contains(part, HostText.WhyNoHost(IPAddress.Parse(address)), StringComparison.Ordinal);

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("127.0.0.1")]
    [InlineData("223.255.255.255")]
    [InlineData("::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fd00::1")]
    public void Others_are(string address) => Assert.Null(HostText.WhyNoHost(IPAddress.Parse(address)));
}
