using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What <c>limit.c</c> does, in .NET, for machines without a compiler. Same arguments, same output.</summary>
internal sealed class LimitFallback
{
    /// <summary>The hidden verb.</summary>
    public const string Verb = "e2e-limit";

    private const int ReadSize = 128 * 1024;

    private readonly bool _connecting;
    private readonly string _shape;
    private readonly int _size;
    private readonly LatencyRecorder _latency = new();
    private readonly AutoResetEvent _handOff = new(false);
    private readonly Lane[] _lanes;
    private volatile bool _flowing;

    private LimitFallback(string[] arguments)
    {
        _connecting = arguments[0] == "connect";
        _shape = arguments[1];
        _size = Number(arguments[2]);
        _lanes = new Lane[Number(arguments[3])];
    }

    public static int Run(string[] arguments)
    {
        new LimitFallback(arguments).Measure(Number(arguments[4]), Number(arguments[5]), arguments.Length > 6 ? Number(arguments[6]) : 0);
        return 0;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private void Measure(int warm, int run, int port)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (!_connecting)
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            Console.WriteLine($"port {((IPEndPoint)listener.LocalEndPoint!).Port}");
        }

        var two = _shape == "handoff";
        for (var index = 0; index < _lanes.Length; index++)
        {
            var first = Open(listener, port);
            var second = two ? Open(listener, port) : first;
            _lanes[index] = two && !_connecting ? new Lane(second, first) : new Lane(first, second);
        }

        Array.ForEach(_lanes, StartLane);
        while (!_flowing)
        {
            Thread.Sleep(1);
        }

        Thread.Sleep(warm);
        _latency.IsRecording = true;
        var before = Take();
        Thread.Sleep(run);
        var after = Take();
        _latency.IsRecording = false;
        Thread.Sleep(2);
        var summary = _latency.Summarise();
        Console.WriteLine(JsonSerializer.Serialize(new LimitResult(
            after.Process.Seconds - before.Process.Seconds, after.Sent - before.Sent, after.Received - before.Received,
            after.Process.CpuUser - before.Process.CpuUser, after.Process.CpuSystem - before.Process.CpuSystem,
            ProcessSample.PeakKiB(), summary.P50, summary.P99, summary.P999)));
        Thread.Sleep(200);
        Environment.Exit(0);
    }

    private (ProcessSample Process, long Sent, long Received) Take() =>
        (ProcessSample.Take(), _lanes.Sum(static lane => Volatile.Read(ref lane.Sent)), _lanes.Sum(static lane => Volatile.Read(ref lane.Received)));

    private Socket Open(Socket listener, int port)
    {
        Socket socket;
        if (_connecting)
        {
            socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
        }
        else
        {
            socket = listener.Accept();
        }

        socket.NoDelay = true;
        return socket;
    }

    private void StartLane(Lane lane)
    {
        switch (_shape)
        {
            case "ping":
                Start(() => Ping(lane));
                break;
            case "handoff":
                if (_connecting)
                {
                    _handOff.Set();
                }

                Start(() => HandOffWrite(lane));
                Start(() => HandOffRead(lane));
                break;
            default:
                if (_connecting || _shape == "duplex")
                {
                    Start(() => StreamWrite(lane));
                }

                if (!_connecting || _shape == "duplex")
                {
                    Start(() => StreamRead(lane));
                }

                break;
        }
    }

    private static void Start(Action body) => new Thread(() =>
    {
        try
        {
            body();
        }
        catch (SocketException)
        {
            // The other side is done.
        }
    })
    { IsBackground = true }.Start();

    private void Ping(Lane lane)
    {
        var data = new byte[_size];
        while (true)
        {
            var started = LatencyRecorder.Now;
            if (_connecting)
            {
                WriteAll(lane.Out, data);
            }

            if (!ReadAll(lane.In, data))
            {
                return;
            }

            if (!_connecting)
            {
                WriteAll(lane.Out, data);
            }

            _latency.AddSince(started);
            Volatile.Write(ref lane.Received, lane.Received + _size);
            _flowing = true;
        }
    }

    private void HandOffWrite(Lane lane)
    {
        var data = new byte[_size];
        while (true)
        {
            _handOff.WaitOne();
            WriteAll(lane.Out, data);
        }
    }

    private void HandOffRead(Lane lane)
    {
        var data = new byte[_size];
        var started = LatencyRecorder.Now;
        while (ReadAll(lane.In, data))
        {
            _latency.AddSince(started);
            started = LatencyRecorder.Now;
            _handOff.Set();
            Volatile.Write(ref lane.Received, lane.Received + _size);
            _flowing = true;
        }
    }

    private void StreamWrite(Lane lane)
    {
        var data = new byte[_size];
        while (true)
        {
            WriteAll(lane.Out, data);
            Volatile.Write(ref lane.Sent, lane.Sent + _size);
            _flowing = true;
        }
    }

    private void StreamRead(Lane lane)
    {
        var data = new byte[ReadSize];
        for (int received; (received = lane.In.Receive(data)) > 0; _flowing = true)
        {
            Volatile.Write(ref lane.Received, lane.Received + received);
        }
    }

    private static void WriteAll(Socket socket, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[socket.Send(data)..];
        }
    }

    private static bool ReadAll(Socket socket, Span<byte> data)
    {
        while (!data.IsEmpty)
        {
            var received = socket.Receive(data);
            if (received == 0)
            {
                return false;
            }

            data = data[received..];
        }

        return true;
    }

    private sealed class Lane(Socket output, Socket input)
    {
        public long Sent;
        public long Received;

        public Socket Out => output;

        public Socket In => input;
    }
}
