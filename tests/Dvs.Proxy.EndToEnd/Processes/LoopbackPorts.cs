using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>Ports for programs that have to be told one.</summary>
internal static class LoopbackPorts
{
    /// <summary>The first of two in a row that the system had free a moment ago.</summary>
    public static int FindTwo()
    {
        while (true)
        {
            using var first = Listen(0);
            var port = ((IPEndPoint)first.LocalEndPoint!).Port;
            try
            {
                using var second = Listen(port + 1);
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: another one.
            }
        }
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
