using System.Net;
using System.Net.Sockets;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>A cable between two nodes: passes on every connection to its target, byte for byte, and can be cut.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Link> _links = [];
    private readonly Task _accepting;

    public CuttingRelay(NodePlace target)
    {
        _target = new IPEndPoint(IPAddress.Parse(target.Address), target.Port);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Place = new NodePlace("127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port);
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect to.</summary>
    public NodePlace Place { get; }

    /// <summary>Connections that were cut while they lived.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts all connections there are.</summary>
    /// <param name="reset">With a reset, which also throws away what is on its way; otherwise with an ordinary end.</param>
    public void Cut(bool reset)
    {
        lock (_links)
        {
            Cuts += _links.Count;
            foreach (var link in _links)
            {
                link.Close(reset);
            }

            _links.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Cut(reset: true);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        var link = new Link(near, far);
        try
        {
            await far.ConnectAsync(_target, _stop.Token);
            lock (_links)
            {
                _links.Add(link);
            }

            await await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // A connection that failed is a connection that ends.
        }

        lock (_links)
        {
            _links.Remove(link);
        }

        link.Close(reset: false);
    }

    private static async Task PumpAsync(Socket from, Socket to)
    {
        await Task.Yield();
        var buffer = new byte[BufferSize];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count and > 0)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // As if it had ended.
        }
    }

    private sealed class Link(Socket near, Socket far)
    {
        private int _isClosed;

        public void Close(bool reset)
        {
            if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            {
                near.Close(reset ? 0 : -1);
                far.Close(reset ? 0 : -1);
            }
        }
    }
}
