using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// The line as a process of its own: for each line on its standard input, <c>forth PORT</c> or <c>back PORT</c>, it listens on a port that it prints, and relays what connects
/// there to PORT over a line with a rate and a delay. <c>close</c> ends all listeners, and is answered with an empty line.
/// </summary>
internal sealed class LineRelay
{
    /// <summary>The hidden verb.</summary>
    public const string Verb = "e2e-line";

    private readonly LineDirection _forth;
    private readonly LineDirection _back;
    private readonly List<Socket> _listeners = [];

    private LineRelay(LinePlan plan) =>
        (_forth, _back) = (new(plan.BytesPerSecond, plan.RoundTripMilliseconds), new(plan.BytesPerSecond, plan.RoundTripMilliseconds));

    public static int Run(LinePlan plan)
    {
        var relay = new LineRelay(plan);
        while (Console.In.ReadLine()?.Split(' ') is { } words)
        {
            if (words is [var direction, var port])
            {
                Console.WriteLine(relay.Listen(direction == "back", int.Parse(port, CultureInfo.InvariantCulture)));
            }
            else
            {
                relay._listeners.ForEach(static listener => listener.Dispose());
                relay._listeners.Clear();
                Console.WriteLine();
            }
        }

        return 0;
    }

    private int Listen(bool isBack, int targetPort)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(128);
        _listeners.Add(listener);
        new Thread(() => Accept(listener, isBack, targetPort)) { IsBackground = true }.Start();
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    private void Accept(Socket listener, bool isBack, int targetPort)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = listener.Accept();
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                return;
            }

            var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            accepted.NoDelay = true;
            try
            {
                target.Connect(IPAddress.Loopback, targetPort);
            }
            catch (SocketException)
            {
                // Who connects sees what it would see without the relay, a moment later.
                accepted.Dispose();
                target.Dispose();
                continue;
            }

            new LinePipe(accepted, target, isBack ? _back : _forth).Start();
            new LinePipe(target, accepted, isBack ? _forth : _back).Start();
        }
    }
}
