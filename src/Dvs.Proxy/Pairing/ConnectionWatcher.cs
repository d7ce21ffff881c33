using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Listens to a sender's connection, on which a classic peer never says anything, to learn at once that it ended: the sender itself sleeps in
/// the driver and would notice only at its next command, which would then be lost. One thread per connection.
/// </summary>
internal sealed class ConnectionWatcher : IDisposable
{
    private const int StackSize = 128 * 1024;

    private readonly ProxyConnection _connection;
    private readonly Action _onBroken;
    private readonly Thread _thread;
    private volatile bool _broken;
    private volatile string _reason = "the peer closed the connection";
    private bool _disposed;

    public ConnectionWatcher(ProxyConnection connection, Action onBroken, string threadName)
    {
        _connection = connection;
        _onBroken = onBroken;
        _thread = new Thread(Watch, StackSize) { IsBackground = true, Name = threadName };
        _thread.Start();
    }

    /// <summary>True once the connection ended.</summary>
    public bool IsBroken => _broken;

    /// <summary>Why it ended.</summary>
    public string Reason => _reason;

    /// <summary>Ends the connection and waits for the thread.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _connection.Abort();
        _thread.Join();
    }

    private void Watch()
    {
        try
        {
            while (true)
            {
                var result = ProxyPipes.ReadBlocking(_connection.Input);
                _connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    break;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _reason = exception.Message.TrimEnd('.');
        }

        _broken = true;

        // A blocked flush must end too: nobody takes the bytes any more.
        _connection.Abort();
        _onBroken();
    }
}
