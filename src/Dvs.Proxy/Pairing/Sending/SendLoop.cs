using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// What a sender does while it is connected: fetches commands from the driver, frames them and gives them to its link. It drains what the driver
/// has ready before it flushes, and flushes at once when there is nothing more: many commands share a system call under load, and a lone
/// command waits for nobody. While the link has no room, it fetches nothing: the rest stays queued in the driver. Sender thread only.
/// </summary>
internal sealed class SendLoop(PairContext context, OutboundStream link, DriverConnection driver, Func<CommandHeader> createHello)
{
    /// <summary>
    /// Bytes on the wire that are sent at the latest: two batches, or two of the largest blocks. A system call, and waking the peer, pay off; more
    /// only adds latency.
    /// </summary>
    internal const int FlushThreshold = 2 * OptionRanges.BatchBytes;

    // What is compressed is measured as it is sent; commands do not wait for more than so many bytes of them, however small they become.
    private const int MostUnflushed = 2 * FlushThreshold;

    private readonly IDvkProxyCalls _device = context.Device;
    private readonly DirectionCounters _counters = context.SenderCounters;
    private readonly int _helloMilliseconds = (int)context.Peer.HelloPeriod.TotalMilliseconds;
    private readonly HeaderCompletion _completion =
        new(context.Device, context.Environment.Time, context.Environment.Limits.MaxTasks, context.Peer.SendPid);

    private long _lastControl;
    private int _unflushedBytes;
    private long _wireBytesAtFlush;
    private int _unflushedCommands;
    private int _idleMilliseconds;
    private int _waitMilliseconds;
    private int _errorsInARow;
    private bool _hasCommandInHand;
    private long _blockedSince;

    /// <summary>Commands fetched since the last flush that went well.</summary>
    public int UnflushedCommands => _unflushedCommands;

    /// <summary>How long the peer has taken nothing of what there is; zero while it takes it. Any thread.</summary>
    public TimeSpan BlockedTime => Volatile.Read(ref _blockedSince) is not 0 and var since
        ? context.Environment.Time.GetElapsedTime(since)
        : TimeSpan.Zero;

    /// <summary>1 where a fault came between a command's fetch and its frame, so that it is lost; asked once.</summary>
    public int TakeCommandInHand()
    {
        var inHand = _hasCommandInHand ? 1 : 0;
        _hasCommandInHand = false;
        return inHand;
    }

    /// <summary>Ships commands until the connection ends, or the pair is not to serve any more: then what was fetched is sent.</summary>
    /// <returns>Why it ended.</returns>
    /// <exception cref="IOException">The connection broke; the message says why.</exception>
    public ConnectionEnd Serve(ConnectionWatcher watcher)
    {
        (_unflushedBytes, _unflushedCommands, _idleMilliseconds, _errorsInARow, _hasCommandInHand) = (0, 0, 0, 0, false);
        SetBlocked(false);
        _lastControl = context.Environment.Time.GetTimestamp();
        link.Flush();
        while (!watcher.IsBroken)
        {
            if (!context.Lifetime.IsServing)
            {
                return Settle(watcher);
            }

            if (!context.Outbox.IsEmpty)
            {
                SendOutbox();
            }

            if (!link.HasRoom)
            {
                SetBlocked(true);
                Flush();
                WaitForRoom();
                continue;
            }

            SetBlocked(false);
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

        return watcher.End;
    }

    /// <summary>The driver does not know the pair any more: the thread is to end.</summary>
    /// <returns>What to say of it.</returns>
    public ConnectionEnd EndUnbound(DvkError error)
    {
        context.Lifetime.Stop();
        ProxyLog.PairUnbound(context.Logger, context.Name, "sender");
        return new ConnectionEnd(ConnectionEndCause.Unbound, $"the pair is no longer bound to the driver: {error.Describe()}");
    }

    // Fetches all that is ready, up to the next flush; waits only for the first. A method of its own, called often: a loop that never ends is
    // compiled before the runtime knows what it does.
    private DvkError Fetch()
    {
        do
        {
            var room = link.Writer.GetPayloadRoom(link.Frames);
            _waitMilliseconds = _unflushedBytes == 0 ? Math.Min(link.IdleMilliseconds, _helloMilliseconds - _idleMilliseconds) : 0;
            var error = _device.GetToRemote(out var header, room, _waitMilliseconds);
            if (error != DvkError.Ok)
            {
                return error;
            }

            AddCommand(ref header);
        }
        while (_unflushedBytes != 0 && link.HasRoom);
        return DvkError.Ok;
    }

    private void OnNothingFetched()
    {
        if (_unflushedBytes != 0)
        {
            Flush();
        }
        else if ((_idleMilliseconds += _waitMilliseconds) < _helloMilliseconds)
        {
            link.OnIdle();
        }
        else
        {
            WriteControl(createHello());
        }
    }

    // What was fetched is sent before the end, and in a session acknowledged; whoever stops us limits the time.
    private ConnectionEnd Settle(ConnectionWatcher watcher)
    {
        Flush();
        while (!link.IsSettled && !watcher.IsBroken)
        {
            WaitForRoom();
        }

        return context.Lifetime.IsStopping ? ConnectionEnd.Stopped : ConnectionEnd.Parked;
    }

    // A hello asks the peer for an acknowledgement, should the last one have got lost.
    private void WaitForRoom()
    {
        link.WaitForRoom();
        if (context.Environment.Time.GetElapsedTime(_lastControl).TotalMilliseconds >= _helloMilliseconds)
        {
            WriteControl(createHello());
        }
    }

    private void AddCommand(ref CommandHeader header)
    {
        _errorsInARow = 0;
        _hasCommandInHand = true;
        _completion.Apply(ref header);
        link.Writer.AcknowledgeSequence = (ulong)Volatile.Read(ref context.ReceiverCounters.Frames);
        link.Writer.Add(link.Frames, in header);
        _hasCommandInHand = false;
        _unflushedCommands++;
        _unflushedBytes += context.Layout.HeaderSize + header.PayloadLength;
        _counters.CountCommand(header.DcId, header.Command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage, header.PayloadLength);
        if (_unflushedBytes >= FlushThreshold && IsFlushDue)
        {
            Flush();
        }
    }

    private bool IsFlushDue =>
        _unflushedBytes >= MostUnflushed || link.Writer.WireBytes - _wireBytesAtFlush >= FlushThreshold || !context.Peer.Compress;

    private void SendOutbox()
    {
        while (context.Outbox.TryTake(out var message))
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
        link.WriteControl(in message);
        _lastControl = context.Environment.Time.GetTimestamp();
        _counters.Controls++;
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked != (_blockedSince != 0))
        {
            Volatile.Write(ref _blockedSince, isBlocked ? Math.Max(1, context.Environment.Time.GetTimestamp()) : 0);
        }
    }

    private void Flush()
    {
        var wasBlocked = _blockedSince != 0;
        SetBlocked(true);
        link.Flush();
        SetBlocked(wasBlocked);
        (_unflushedBytes, _unflushedCommands, _idleMilliseconds) = (0, 0, 0);
        _wireBytesAtFlush = link.Writer.WireBytes;
        Volatile.Write(ref _counters.Frames, link.Writer.FramesWritten);
        Volatile.Write(ref _counters.RawBytes, link.Writer.RawBytes);
        Volatile.Write(ref _counters.WireBytes, link.Writer.WireBytes);
        Volatile.Write(ref _counters.CompressedFrames, link.Writer.CompressedFrames);
        Volatile.Write(ref _counters.Batches, link.Writer.BatchesWritten);
    }

    // Null: the error was the fate of one command, and the service goes on.
    private ConnectionEnd? EndsService(DvkError error)
    {
        var verdict = DriverErrors.OfFetch(error);
        if (verdict == PairVerdict.Disconnected)
        {
            driver.OnDriverDisconnected();
            return new ConnectionEnd(ConnectionEndCause.DriverRefused, "the driver holds the sender for disconnected");
        }

        if (context.Binding.IsLost(verdict, ++_errorsInARow))
        {
            return EndUnbound(error);
        }

        _counters.CommandErrors++;
        ProxyLog.FetchRefused(context.Logger, context.Name, error.Describe());
        return null;
    }
}
