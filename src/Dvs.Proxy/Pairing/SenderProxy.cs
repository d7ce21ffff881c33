using System.IO.Pipelines;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The sender of a pair: fetches commands from the driver, frames them and writes them to its connection, on a thread of its own. It drains
/// what the driver has ready before it flushes, and flushes at once when there is nothing more: many commands share a system call under
/// load, and a lone command waits for nobody. While the connection does not take more, it fetches nothing: the rest stays queued in the driver.
/// </summary>
internal sealed class SenderProxy : IDisposable
{
    // Enough for a system call to pay off; more only adds latency.
    private const int FlushThreshold = 64 * 1024;

    // EDVSNOTBIND is the fate of one command, or of us: so many in a row, and we ask which.
    private const int SuspiciousErrors = 16;

    private readonly PairContext _context;
    private readonly IDvkProxyCalls _device;
    private readonly DirectionCounters _counters;
    private readonly SenderConnector _connector;
    private readonly HeaderCompletion _completion;
    private readonly FrameWriter _writer;
    private readonly Func<CommandHeader> _createHello;
    private readonly int _helloMilliseconds;
    private volatile bool _stopping;
    private volatile ProxyConnection? _connection;
    private int _threadId;
    private int _unflushedBytes;
    private int _unflushedCommands;

    public SenderProxy(PairContext context, Func<CommandHeader> createHello)
    {
        _createHello = createHello;
        _context = context;
        _device = context.Device;
        _counters = context.Sender;
        _connector = new SenderConnector(context);
        _completion = new HeaderCompletion(_device, context.Environment.Time, context.Environment.Limits.MaxTasks, context.Peer.SendPid);
        _helloMilliseconds = (int)context.Peer.HelloPeriod.TotalMilliseconds;
        _writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            Compress = context.Peer.Compress,
            CompressBatches = context.Peer.CompressBatches,
            MaxBatch = context.Peer.Batch ? context.Peer.MaxBatch : 0,
        });
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
                var connection = _connector.Connect();
                if (connection is null)
                {
                    break;
                }

                UseConnection(connection);
            }
        }
        finally
        {
            _context.Outbox.SetSender(-1);
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
    public void AbortConnection() => _connection?.Abort();

    public void Dispose()
    {
        _writer.Dispose();
        _connector.Dispose();
    }

    private void UseConnection(ProxyConnection connection)
    {
        _connection = connection;
        if (_stopping)
        {
            connection.Abort();
        }

        using var watcher = new ConnectionWatcher(connection, () => _device.Interrupt(_threadId), $"dvs {_context.Name} watch");
        string reason;
        var connected = _device.SetProxyConnection(_context.Peer.ProxyId, ProxyConnectionChange.SenderConnected);
        if (connected < DvkError.Ok)
        {
            reason = $"the driver refused it: {connected.Describe()}";
            ProxyLog.ConnectionChangeRefused(_context.Logger, _context.Name, nameof(ProxyConnectionChange.SenderConnected), connected.Describe());
            _stopping |= connected is DvkError.NoProxy or DvkError.Shutdown;
        }
        else
        {
            reason = ServeCounted(connection, watcher);
        }

        _counters.LastError = reason;
        connection.Abort();
        watcher.Dispose();
        _connection = null;
        var disposal = connection.DisposeAsync();
        if (!disposal.IsCompleted)
        {
            disposal.AsTask().GetAwaiter().GetResult();
        }
    }

    private string ServeCounted(ProxyConnection connection, ConnectionWatcher watcher)
    {
        _counters.Remote = connection.RemoteName;
        _counters.State = ProxyState.Connected;
        _counters.Connects++;
        ProxyLog.SenderConnected(_context.Logger, _context.Name, connection.RemoteName);
        (_unflushedBytes, _unflushedCommands) = (0, 0);
        _writer.Abandon();
        string reason;
        try
        {
            reason = Serve(connection.Output, watcher);
        }
        catch (IOException exception)
        {
            reason = exception.Message.TrimEnd('.');
        }

        var lost = _unflushedCommands;
        _counters.Lost += lost;
        _counters.Disconnects++;
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _device.SetProxyConnection(_context.Peer.ProxyId, ProxyConnectionChange.SenderDisconnected);
        if (!_stopping || lost > 0)
        {
            ProxyLog.SenderDisconnected(_context.Logger, _context.Name, connection.RemoteName, reason, lost);
        }

        return reason;
    }

    private string Serve(PipeWriter output, ConnectionWatcher watcher)
    {
        var errorsInARow = 0;

        // Tells the peer at once who we are: a shared listener needs the first frame to know whose connection it is.
        WriteControl(output, _createHello());
        while (!watcher.IsBroken)
        {
            if (_stopping)
            {
                Flush(output);
                return "shutting down";
            }

            if (!_context.Outbox.IsEmpty)
            {
                WriteOutbox(output);
            }

            var room = _writer.GetPayloadRoom(output);
            var idle = _unflushedBytes == 0;
            var error = _device.GetToRemote(out var header, room, idle ? _helloMilliseconds : 0);
            switch (error)
            {
                case DvkError.Ok:
                    errorsInARow = 0;
                    AddCommand(output, ref header);
                    break;
                case DvkError.TimedOut when idle:
                    WriteControl(output, _createHello());
                    break;
                case DvkError.TimedOut:
                    Flush(output);
                    break;
                case DvkError.Interrupted:
                    break;
                case DvkError.NotConnected:
                    return "the driver holds the sender for disconnected";
                case DvkError.Shutdown or DvkError.NoProxy or DvkError.BadProxy or DvkError.BadCall:
                    return EndUnbound(error);
                default:
                    if (++errorsInARow % SuspiciousErrors == 0 && !IsStillBound())
                    {
                        return EndUnbound(error);
                    }

                    CountRefusedFetch(error);
                    break;
            }
        }

        return watcher.Reason;
    }

    private void AddCommand(PipeWriter output, ref CommandHeader header)
    {
        _completion.Apply(ref header);
        _writer.AcknowledgeSequence = (ulong)Volatile.Read(ref _context.Receiver.Frames);
        _writer.Add(output, in header);
        _unflushedCommands++;
        _unflushedBytes += _context.Layout.HeaderSize + header.PayloadLength;
        _counters.CountCommand(header.DcId, IsMessage(header.Command), header.PayloadLength);
        if (_unflushedBytes >= FlushThreshold)
        {
            Flush(output);
        }
    }

    private void WriteControl(PipeWriter output, in CommandHeader message)
    {
        _writer.AcknowledgeSequence = (ulong)Volatile.Read(ref _context.Receiver.Frames);
        _writer.Add(output, in message);
        _counters.Controls++;
        _unflushedBytes += _context.Layout.HeaderSize;
        Flush(output);
    }

    private void WriteOutbox(PipeWriter output)
    {
        while (_context.Outbox.TryTake(out var message))
        {
            WriteControl(output, in message);
        }
    }

    private void Flush(PipeWriter output)
    {
        _writer.Complete(output);
        var result = ProxyPipes.FlushBlocking(output);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new IOException("the connection takes no more data");
        }

        (_unflushedBytes, _unflushedCommands) = (0, 0);
        Volatile.Write(ref _counters.Frames, _writer.FramesWritten);
        Volatile.Write(ref _counters.RawBytes, _writer.RawBytes);
        Volatile.Write(ref _counters.WireBytes, _writer.WireBytes);
        Volatile.Write(ref _counters.CompressedFrames, _writer.CompressedFrames);
        Volatile.Write(ref _counters.Batches, _writer.BatchesWritten);
    }

    private void CountRefusedFetch(DvkError error)
    {
        _counters.CommandErrors++;
        if (_context.FetchLog.TryEnter(out var suppressed))
        {
            ProxyLog.FetchRefused(_context.Logger, _context.Name, error.Describe(), suppressed);
        }
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

    private string EndUnbound(DvkError error)
    {
        _stopping = true;
        ProxyLog.PairUnbound(_context.Logger, _context.Name, "sender");
        return $"the pair is no longer bound to the driver: {error.Describe()}";
    }

    private static bool IsMessage(CommandCode command) => command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage;
}
