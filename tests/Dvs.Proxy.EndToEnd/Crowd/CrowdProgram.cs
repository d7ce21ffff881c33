using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dvs.Proxy.EndToEnd.Sessions;

namespace Dvs.Proxy.EndToEnd.Crowd;

/// <summary>
/// The program of a crowd: opens connections that say nothing, a step for every line of its standard input, until the input ends. A process
/// of its own, so that its ends of the connections do not count against the descriptors of the listening side.
/// </summary>
internal static class CrowdProgram
{
    public const string Verb = "crowd";

    // As many addresses as keep clear of the limit per address, and of the ports of one.
    private const int Addresses = 50;

    /// <param name="arguments">A <see cref="CrowdArguments"/> as JSON.</param>
    public static async Task<int> RunAsync(string arguments)
    {
        var (places, count, step) = JsonSerializer.Deserialize<CrowdArguments>(arguments)!;
        var sockets = new List<Socket>(count);
        while (await Console.In.ReadLineAsync() is not null)
        {
            for (var index = 0; index < step && sockets.Count < count; index++)
            {
                sockets.Add(Connect(places[sockets.Count % places.Count], sockets.Count));
            }

            // Readable: the other side closed it; nobody sends anything.
            var open = sockets.Count < count ? 0 : sockets.Count(static socket => !socket.Poll(0, SelectMode.SelectRead));
            Console.WriteLine($"{sockets.Count} connected, {open} open");
        }

        sockets.ForEach(static socket => socket.Dispose());
        return 0;
    }

    private static Socket Connect(IPEndPoint place, int number)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(number % Addresses), 1]), 0));
        socket.Connect(place);
        return socket;
    }

    private static Socket Connect(NodePlace place, int number) => Connect(new IPEndPoint(IPAddress.Parse(place.Address), place.Port), number);
}

/// <summary>Where the crowd goes, in turns; how many they are; how many come for one line of input.</summary>
internal sealed record CrowdArguments(IReadOnlyList<NodePlace> Places, int Count, int Step);
