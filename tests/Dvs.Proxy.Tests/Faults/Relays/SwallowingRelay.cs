using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Relays;

/// <summary>
/// A box on the way that can be told to swallow what comes back, while it goes on to forward what goes out and answers TCP for both sides: to
/// who connected, the peer looks alive and says nothing.
/// </summary>
internal sealed class SwallowingRelay : IDisposable
{
    private readonly IPEndPoint _target;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _sockets = [];
    private readonly object _gate = new();
    private volatile bool _swallowsAnswers;
    private int _accepted;

    public SwallowingRelay(IPEndPoint target)
    {
        _target = target;
        _listener.Bind(new IPEndPoint(IPAddress.Parse(LoopbackPort.NewAddress()), 0));
        _listener.Listen(64);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        Start(Accept);
    }

    /// <summary>Where to connect to.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>What comes back on any connection gets lost.</summary>
    public bool SwallowsAnswers
    {
        get => _swallowsAnswers;
        set => _swallowsAnswers = value;
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_gate)
        {
            _sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private static void Start(Action body) => new Thread(() =>
    {
        try
        {
            body();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    })
    { IsBackground = true, Name = "swallowing relay" }.Start();

    private void Accept()
    {
        while (true)
        {
            var client = _listener.Accept();
            var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            lock (_gate)
            {
                _sockets.AddRange([client, server]);
            }

            try
            {
                server.Connect(_target);
            }
            catch (SocketException)
            {
                // Nobody is there yet.
                client.Dispose();
                continue;
            }

            Interlocked.Increment(ref _accepted);
            Start(() => Forward(client, server, swallows: false));
            Start(() => Forward(server, client, swallows: true));
        }
    }

    private void Forward(Socket from, Socket to, bool swallows)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = from.Receive(buffer)) > 0)
            {
                if (!swallows || !_swallowsAnswers)
                {
                    to.Send(buffer.AsSpan(0, count));
                }
            }
        }
        finally
        {
            if (!swallows || !_swallowsAnswers)
            {
                to.Shutdown(SocketShutdown.Send);
            }
        }
    }
}
