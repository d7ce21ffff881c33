using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>Ports on loopback that nobody listens on. Somebody may take one before it is used; then try again.</summary>
internal static class FreePorts
{
    public static (int First, int Second) Find()
    {
        using var first = Bind();
        using var second = Bind();
        return (PortOf(first), PortOf(second));
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
