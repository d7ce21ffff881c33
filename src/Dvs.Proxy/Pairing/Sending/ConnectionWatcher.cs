using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// Watches over a sender's connection, to learn at once that it ended: the sender itself sleeps in the driver and would notice only at its next
/// command. Unless the sender does that itself (<see cref="OutboundStream.ReadsInput"/>), it also reads what the receiver says there:
/// acknowledgements in a session, nothing from a classic one. One thread per connection.
/// </summary>
internal sealed class ConnectionWatcher : IDisposable
{
    private const int StackSize = 128 * 1024;

    private readonly ProxyConnection _connection;
    private readonly OutboundStream _link;
    private readonly bool _senderReads;
    private readonly Action _onBroken;
    private readonly Thread _thread;
    private volatile bool _broken;
    private volatile ConnectionEnd _end = ConnectionEnd.PeerClosed;
    private bool _disposed;

    public ConnectionWatcher(ProxyConnection connection, OutboundStream link, Action onBroken, string threadName)
    {
        _connection = connection;
        _link = link;
        _senderReads = link.ReadsInput;
        _onBroken = onBroken;
        _thread = new Thread(Watch, StackSize) { IsBackground = true, Name = threadName };
        _thread.Start();
    }

    /// <summary>True once the connection ended.</summary>
    public bool IsBroken => _broken;

    /// <summary>Why it ended.</summary>
    public ConnectionEnd End => _end;

    /// <summary>Waits for the connection to end. False: the time is up.</summary>
    public bool WaitForEnd(TimeSpan limit) => _thread.Join(limit);

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
            _end = ReadToEnd() ?? _end;
        }
#pragma warning disable CA1031 // Whatever ends the watch, the connection cannot go on unwatched; and it must not end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _end = ConnectionEnd.Of(exception);
        }

        _broken = true;

        // A blocked flush must end too: nobody takes the bytes any more.
        _connection.Abort();
        try
        {
            _link.OnBroken();
            _onBroken();
        }
#pragma warning disable CA1031 // The driver was closed before the pair had ended, or the like: a sender that is left looks at IsBroken itself.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private ConnectionEnd? ReadToEnd()
    {
        if (_senderReads)
        {
            _connection.WaitForEnd();
            return null;
        }

        var input = _connection.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            var buffer = result.Buffer;
            var problem = _link.TryConsume(ref buffer);
            input.AdvanceTo(buffer.Start, buffer.End);
            if (problem is not null || result.IsCompleted || result.IsCanceled)
            {
                return problem;
            }
        }
    }
}
