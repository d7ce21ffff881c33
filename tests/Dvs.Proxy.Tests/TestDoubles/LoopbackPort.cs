using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>
/// Ports the system chose, on loopback addresses that no other test of this run uses: a port given back here cannot be taken by anybody else.
/// </summary>
internal static class LoopbackPort
{
    private static int _next = Random.Shared.Next(1, 50_000);

    /// <summary>A 127.x.y.z of one's own.</summary>
    public static string NewAddress()
    {
        var number = Interlocked.Increment(ref _next);
        return $"127.{10 + number / (254 * 256) % 200}.{number / 254 % 256}.{1 + number % 254}";
    }

    /// <summary>A port that is free on <paramref name="address"/>.</summary>
    public static int Reserve(string address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
