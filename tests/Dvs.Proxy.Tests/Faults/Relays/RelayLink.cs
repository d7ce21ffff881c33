using System.Net.Sockets;
using Dvs.Proxy.Tests.Faults.Transports;

namespace Dvs.Proxy.Tests.Faults.Relays;

/// <summary>One relayed connection: a thread for each direction.</summary>
internal sealed class RelayLink : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly Direction _out;
    private readonly Direction _back;
    private readonly ManualResetEventSlim _ended = new();
    private Action _onEnd = static () => { };
    private int _running = 2;
    private int _isEnding;
    private Timer? _cut;

    public RelayLink(Socket client, Socket server, FaultScript outScript, FaultScript backScript)
    {
        _client = client;
        _server = server;
        client.NoDelay = server.NoDelay = true;
        _out = new Direction(this, client, server, outScript);
        _back = new Direction(this, server, client, backScript);
    }

    public void Start(Action onEnd)
    {
        _onEnd = onEnd;
        _out.Start();
        _back.Start();
    }

    public void Dispose()
    {
        End(reset: false);
        _cut?.Dispose();
        _out.Join();
        _back.Join();
    }

    /// <summary>Closes a socket so that the other end is told of an error: RST.</summary>
    public static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }

    private void CutAfter(TimeSpan time) => _cut = new Timer(_ => End(reset: false), null, time, Timeout.InfiniteTimeSpan);

    private void End(bool reset)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0)
        {
            return;
        }

        _ended.Set();
        foreach (var socket in new[] { _client, _server })
        {
            if (reset)
            {
                Reset(socket);
                continue;
            }

            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // It has ended by itself.
            }

            socket.Dispose();
        }
    }

    private void OnDirectionEnded()
    {
        if (Interlocked.Decrement(ref _running) == 0)
        {
            End(reset: false);
            _onEnd();
        }
    }

    private sealed class Direction(RelayLink link, Socket source, Socket destination, FaultScript script) : IFaultSink
    {
        private Thread? _thread;

        public void Start()
        {
            _thread = new Thread(Pump, 256 * 1024) { IsBackground = true, Name = "faulty relay link" };
            _thread.Start();
        }

        public void Join() => _thread?.Join();

        public bool Write(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[destination.Send(bytes)..];
            }

            return true;
        }

        public void Wait(TimeSpan time) => link._ended.Wait(time);

        public void HalfClose() => destination.Shutdown(SocketShutdown.Send);

        public void Cut() => link.End(reset: false);

        public void Reset() => link.End(reset: true);

        public void CutAfter(TimeSpan time) => link.CutAfter(time);

        private void Pump()
        {
            var buffer = new byte[16 * 1024];
            try
            {
                while (true)
                {
                    var length = source.Receive(buffer);
                    if (length == 0)
                    {
                        break;
                    }

                    // After the end of this direction everything is taken and thrown away, so that the writer does not notice.
                    script.Play(buffer.AsSpan(0, length), this);
                }

                if (!script.HasEnded)
                {
                    destination.Shutdown(SocketShutdown.Send);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // One end is gone: so is the other.
                link.End(reset: exception is SocketException { SocketErrorCode: SocketError.ConnectionReset });
            }
            finally
            {
                link.OnDirectionEnded();
            }
        }
    }
}
