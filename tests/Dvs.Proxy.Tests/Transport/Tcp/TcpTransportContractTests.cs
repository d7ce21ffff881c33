using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Sockets;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>The contract over IPv4, each test at a loopback address of its own.</summary>
public sealed class TcpIPv4Tests : HostTransportContract
{
    private static int _lastHost;

    protected override string Host { get; } = string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"127.{1 + (Environment.ProcessId % 200)}.7.{1 + (Interlocked.Increment(ref _lastHost) % 250)}");

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new TcpTransport();
}

/// <summary>The contract over IPv6.</summary>
public sealed class TcpIPv6Tests : HostTransportContract
{
    protected override string Host => "::1";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new TcpTransport();

    protected override void SkipUnlessAvailable() => Assert.SkipUnless(IPv6.IsAvailable, IPv6.Reason);
}

/// <summary>The contract by name.</summary>
public sealed class TcpHostNameTests : HostTransportContract
{
    protected override string Host => "localhost";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new TcpTransport();
}

/// <summary>The contract with buffers so small that everything has to be split, moved and waited for.</summary>
public sealed class TcpSmallBufferTests : HostTransportContract
{
    protected override string Host => "127.0.0.1";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new TcpTransport(new TcpTransportOptions
    {
        SendBufferSize = 16 * 1024,
        ReceiveBufferSize = 64 * 1024,
        BufferSizes = new SocketBufferSizes { ReadBufferSize = SocketBufferSizes.SmallestReadBufferSize },
    });
}

internal static class IPv6
{
    internal const string Reason = "This machine has no IPv6 loopback address.";

    internal static bool IsAvailable { get; } = Probe();

    private static bool Probe()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return false;
        }

        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
