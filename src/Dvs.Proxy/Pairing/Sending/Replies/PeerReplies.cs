using System.Diagnostics.CodeAnalysis;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// What comes back on one connection of a sender, and whether it still lives: owns a thread that notices at once that the connection ended, since
/// the sender itself sleeps in the driver and would notice at its next command only. What the thread does until then, and who reads what the
/// peer says, is the kind's. Made, asked and disposed of by the sender thread. Behaviour: SessionRepliesTests, LateAcknowledgementTests.
/// </summary>
internal abstract class PeerReplies : IDisposable
{
    private const int StackSize = 128 * 1024;

    private readonly Action _onEnded;
    private readonly string _threadName;
    private Thread? _thread;
    private volatile ConnectionEnd? _end;

    /// <summary>Takes a connection's replies over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="onEnded">Gets the sender thread out of the driver; called on the own thread when the connection ended.</param>
    /// <param name="threadName">Name of the own thread.</param>
    protected PeerReplies(ProxyConnection connection, Action onEnded, string threadName) =>
        (Connection, _onEnded, _threadName) = (connection, onEnded, threadName);

    /// <summary>Why the connection ended; null while it lives.</summary>
    public ConnectionEnd? End => _end;

    /// <summary>True once the connection ended.</summary>
    [MemberNotNullWhen(true, nameof(End))]
    public bool HasEnded => _end is not null;

    /// <summary>Waits for the connection to end.</summary>
    /// <returns>False if the time is up first.</returns>
    public bool WaitForEnd(TimeSpan limit) => _thread?.Join(limit) ?? true;

    /// <summary>Ends the connection, and waits for the own thread: nobody reads it any more.</summary>
    public void Stop()
    {
        Connection.Abort();
        _thread?.Join();
    }

    public virtual void Dispose() => Stop();

    protected ProxyConnection Connection { get; }

    /// <summary>Begins to watch.</summary>
    protected void StartWatch()
    {
        _thread = new Thread(Watch, StackSize) { IsBackground = true, Name = _threadName };
        _thread.Start();
    }

    /// <summary>Returns when the connection ended. On the own thread.</summary>
    /// <returns>Why, where the peer has said so; null where it just ended.</returns>
    /// <exception cref="IOException">The connection broke.</exception>
    protected abstract ConnectionEnd? WatchToEnd();

    /// <summary>The connection ended: ends a wait of the sender thread. On the own thread.</summary>
    protected virtual void EndWaits()
    {
    }

    private void Watch()
    {
        ConnectionEnd end;
        try
        {
            end = WatchToEnd() ?? ConnectionEnd.PeerClosed;
        }
#pragma warning disable CA1031 // Whatever ends the watch, the connection cannot go on unwatched; and it must not end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            end = ConnectionEnd.Of(exception);
        }

        _end = end;

        // A blocked flush must end too: nobody takes the bytes any more.
        Connection.Abort();
        try
        {
            EndWaits();
            _onEnded();
        }
#pragma warning disable CA1031 // The driver was closed before the pair had ended, or the like: a sender that is left looks at HasEnded itself.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
