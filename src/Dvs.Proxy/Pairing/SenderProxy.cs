using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The sender of a pair: fetches commands from the driver, frames them and gives them to its link, on a thread of its own. It drains what the
/// driver has ready before it flushes, and flushes at once when there is nothing more: many commands share a system call under load, and a
/// lone command waits for nobody. While the link has no room, it fetches nothing: the rest stays queued in the driver.
/// </summary>
internal sealed class SenderProxy : IDisposable
{
    /// <summary>
    /// Bytes that are sent at the latest. Enough for a system call to pay off; more only adds latency. A little under 64 KiB, so that the largest
    /// command still fits behind them into a buffer of 128 KiB, and the buffer is never made larger and copied.
    /// </summary>
    internal const int FlushThreshold = 63 * 1024;

    // EDVSNOTBIND is the fate of one command, or of us: so many in a row, and we ask which.
    private const int SuspiciousErrors = 16;

    private readonly PairContext _context;
    private readonly IDvkProxyCalls _device;
    private readonly DirectionCounters _counters;
    private readonly SenderLink _link;
    private readonly SenderConnector _connector;
    private readonly HeaderCompletion _completion;
    private readonly DriverConnection _driver;
    private readonly Func<CommandHeader> _createHello;
    private readonly int _helloMilliseconds;
    private volatile bool _stopping;
    private int _isAborted;
    private volatile ProxyConnection? _connection;
    private int _threadId;
    private long _lastControl;
    private int _unflushedBytes;
    private int _unflushedCommands;
    private int _idleMilliseconds;
    private int _errorsInARow;
    private long _lostUnlogged;

    public SenderProxy(PairContext context, Func<CommandHeader> createHello)
    {
        _context = context;
        _device = context.Device;
        _counters = context.Sender;
        _createHello = createHello;
        _link = context.Peer.Sequence ? new SessionSenderLink(context, createHello) : new ClassicSenderLink(context, createHello);
        _connector = new SenderConnector(context, _link);
        _driver = new DriverConnection(context, ProxyConnectionChange.SenderConnected, ProxyConnectionChange.SenderDisconnected);
        _completion = new HeaderCompletion(_device, context.Environment.Time, context.Environment.Limits.MaxTasks, context.Peer.SendPid);
        _helloMilliseconds = (int)context.Peer.HelloPeriod.TotalMilliseconds;
    }

    /// <summary>The body of the sender thread, after the pair was registered.</summary>
    public void Run()
    {
        Volatile.Write(ref _threadId, _device.CurrentThreadId);
        _context.Outbox.SetSender(_threadId);
        try
        {
            while (!_stopping)
            {
                var connection = _connector.Connect(_driver.IsConnected ? _link.ResumeWindow : Timeout.InfiniteTimeSpan);
                if (connection is not null)
                {
                    UseConnection(connection);
                }
                else if (!_stopping)
                {
                    ProxyLog.ResumeWindowOver(_context.Logger, _context.Name, _link.ResumeWindow);
                    _driver.Disconnect();
                }
            }
        }
        finally
        {
            _context.Outbox.SetSender(-1);
            _driver.Disconnect();
            _link.Finish();
        }
    }

    /// <summary>Asks the thread to send what it has fetched and end. Any thread.</summary>
    public void RequestStop()
    {
        _stopping = true;
        _connector.Stop();
        var threadId = Volatile.Read(ref _threadId);
        if (threadId != 0)
        {
            _device.Interrupt(threadId);
        }
    }

    /// <summary>Ends the connection under the thread, for when <see cref="RequestStop"/> was not enough. Any thread.</summary>
    public void AbortConnection()
    {
        // The exchange is a full fence: either we see the connection, or the thread that has just got it sees that it is not wanted.
        Interlocked.Exchange(ref _isAborted, 1);
        _connection?.Abort();
    }

    public void Dispose()
    {
        _link.Dispose();
        _connector.Dispose();
    }

    private void UseConnection(ProxyConnection connection)
    {
        _connection = connection;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAborted) != 0)
        {
            connection.Abort();
        }

        using var watcher = new ConnectionWatcher(connection, _link, () => _device.Interrupt(_threadId), $"dvs {_context.Name} watch");
        _counters.LastError = TellDriverConnected() ?? ServeCounted(connection, watcher);
        connection.Abort();
        watcher.Dispose();
        _connection = null;
        connection.DisposeAsync().WaitBlocking();
        if (_link.ResumeWindow == TimeSpan.Zero)
        {
            _driver.Disconnect();
        }
    }

    private string ServeCounted(ProxyConnection connection, ConnectionWatcher watcher)
    {
        _counters.Remote = connection.RemoteName;
        _counters.Tls = (connection as TlsConnection)?.Status;
        _counters.State = ProxyState.Connected;
        _counters.Connects++;
        if (_context.Logs.SenderConnected.TryEnter(out var suppressed))
        {
            ProxyLog.SenderConnected(_context.Logger, _context.Name, connection.RemoteName, LogThrottle.Describe(suppressed));
        }

        (_unflushedBytes, _unflushedCommands, _idleMilliseconds, _errorsInARow) = (0, 0, 0, 0);
        _lastControl = _context.Environment.Time.GetTimestamp();
        var commandsBefore = _counters.Commands;
        var activity = ProxyActivity.StartConnection(_context.Environment.LocalNodeId, _context.Name, "send", connection.RemoteName);
        string reason;
        try
        {
            _link.Flush();
            reason = Serve(watcher);
        }
        catch (IOException exception)
        {
            reason = exception.Message.TrimEnd('.');
        }

        reason = _link.ReadRest() ?? reason;
        ProxyActivity.End(activity, _counters.Commands - commandsBefore, reason, _stopping);
        var lost = _link.End(_unflushedCommands);
        _counters.Lost += lost;
        _counters.Disconnects++;
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.Tls = null;
        LogDisconnected(connection.RemoteName, reason, lost);
        return reason;
    }

    private void LogDisconnected(string remote, string reason, long lost)
    {
        if (_stopping && lost == 0)
        {
            return;
        }

        if (_context.Logs.SenderLost.TryEnter(out var suppressed) || _stopping)
        {
            ProxyLog.SenderDisconnected(_context.Logger, _context.Name, remote, reason, lost, LogThrottle.Describe(suppressed, _lostUnlogged));
            _lostUnlogged = 0;
        }
        else
        {
            _lostUnlogged += lost;
        }
    }

    private string Serve(ConnectionWatcher watcher)
    {
        while (!watcher.IsBroken)
        {
            if (_stopping)
            {
                return Settle(watcher);
            }

            if (!_context.Outbox.IsEmpty)
            {
                SendOutbox();
            }

            if (!_link.HasRoom)
            {
                Flush();
                WaitForRoom();
                continue;
            }

            var error = Fetch();
            if (error == DvkError.TimedOut)
            {
                OnNothingFetched();
            }
            else if (error is not (DvkError.Ok or DvkError.Interrupted) && EndsService(error) is { } reason)
            {
                return reason;
            }
        }

        return watcher.Reason;
    }

    // Fetches all that is ready, up to the next flush; waits only for the first. A method of its own, called often: a loop that never ends is
    // compiled before the runtime knows what it does.
    private DvkError Fetch()
    {
        do
        {
            var room = _link.Writer.GetPayloadRoom(_link.Frames);
            var error = _device.GetToRemote(out var header, room, _unflushedBytes == 0 ? IdleWait : 0);
            if (error != DvkError.Ok)
            {
                return error;
            }

            AddCommand(ref header);
        }
        while (_unflushedBytes != 0 && _link.HasRoom);
        return DvkError.Ok;
    }

    private int IdleWait => Math.Min(_link.IdleMilliseconds, _helloMilliseconds - _idleMilliseconds);

    private void OnNothingFetched()
    {
        if (_unflushedBytes != 0)
        {
            Flush();
        }
        else if ((_idleMilliseconds += IdleWait) < _helloMilliseconds)
        {
            _link.OnIdle();
        }
        else
        {
            WriteControl(_createHello());
        }
    }

    // What was fetched is sent before the end, and in a session acknowledged; whoever stops us limits the time.
    private string Settle(ConnectionWatcher watcher)
    {
        Flush();
        while (!_link.IsSettled && !watcher.IsBroken)
        {
            WaitForRoom();
        }

        return "shutting down";
    }

    // A hello asks the peer for an acknowledgement, should the last one have got lost.
    private void WaitForRoom()
    {
        _link.WaitForRoom();
        if (_context.Environment.Time.GetElapsedTime(_lastControl).TotalMilliseconds >= _helloMilliseconds)
        {
            WriteControl(_createHello());
        }
    }

    private void AddCommand(ref CommandHeader header)
    {
        _errorsInARow = 0;
        _completion.Apply(ref header);
        _link.Writer.AcknowledgeSequence = (ulong)Volatile.Read(ref _context.Receiver.Frames);
        _link.Writer.Add(_link.Frames, in header);
        _unflushedCommands++;
        _unflushedBytes += _context.Layout.HeaderSize + header.PayloadLength;
        _counters.CountCommand(header.DcId, header.Command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage, header.PayloadLength);
        if (_unflushedBytes >= FlushThreshold)
        {
            Flush();
        }
    }

    private void SendOutbox()
    {
        while (_context.Outbox.TryTake(out var message))
        {
            if (message.Command == CommandCode.None)
            {
                WriteControl(in message);
            }
            else
            {
                AddCommand(ref message);
            }
        }
    }

    private void WriteControl(in CommandHeader message)
    {
        Flush();
        _link.WriteControl(in message);
        _lastControl = _context.Environment.Time.GetTimestamp();
        _counters.Controls++;
    }

    private void Flush()
    {
        _link.Flush();
        (_unflushedBytes, _unflushedCommands, _idleMilliseconds) = (0, 0, 0);
        Volatile.Write(ref _counters.Frames, _link.Writer.FramesWritten);
        Volatile.Write(ref _counters.RawBytes, _link.Writer.RawBytes);
        Volatile.Write(ref _counters.WireBytes, _link.Writer.WireBytes);
        Volatile.Write(ref _counters.CompressedFrames, _link.Writer.CompressedFrames);
        Volatile.Write(ref _counters.Batches, _link.Writer.BatchesWritten);
    }

    // Null: the error was the fate of one command, and the service goes on.
    private string? EndsService(DvkError error)
    {
        if (error == DvkError.NotConnected)
        {
            _driver.OnDriverDisconnected();
            return "the driver holds the sender for disconnected";
        }

        var isUnbound = error is DvkError.Shutdown or DvkError.NoProxy or DvkError.BadProxy or DvkError.BadCall;
        if (isUnbound || (++_errorsInARow % SuspiciousErrors == 0 && !IsStillBound()))
        {
            return EndUnbound(error);
        }

        _counters.CommandErrors++;
        if (_context.Logs.Fetch.TryEnter(out var suppressed))
        {
            ProxyLog.FetchRefused(_context.Logger, _context.Name, error.Describe(), suppressed);
        }

        return null;
    }

    private string EndUnbound(DvkError error)
    {
        _stopping = true;
        ProxyLog.PairUnbound(_context.Logger, _context.Name, "sender");
        return $"the pair is no longer bound to the driver: {error.Describe()}";
    }

    private bool IsStillBound()
    {
        try
        {
            return _device.GetProxyInfo(_context.Peer.ProxyId).Sender.LinuxProcessId == _threadId;
        }
        catch (DvkException)
        {
            return false;
        }
    }

    // Null: connected.
    private string? TellDriverConnected()
    {
        if (_driver.Connect() is not { } refusal)
        {
            return null;
        }

        _link.End(0);
        return refusal is DvkError.NoProxy or DvkError.Shutdown ? EndUnbound(refusal) : $"the driver refused the connection: {refusal.Describe()}";
    }
}
