using System.Runtime.CompilerServices;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// What a sender does while it is connected: fetches commands from the driver, frames them and gives them to its stream. It drains what the driver
/// has ready before it flushes, and flushes at once when there is nothing more: many commands share a system call under load, and a lone
/// command waits for nobody. While the stream has no room, it fetches nothing: the rest stays queued in the driver. Sender thread only, but for
/// <see cref="BlockedTime"/>. Behaviour: MultiNodeProxyTests, CapturedStreamTests, SurvivalTests.
/// </summary>
internal sealed class SendLoop(PairContext context, OutboundStream stream, DriverConnection driver, Func<CommandHeader> createHello)
{
    private readonly IDvkProxyCalls _device = context.Device;
    private readonly BoundedSpin _spin = new(context.Peer.Options.Spin, context.Environment.Time);
    private readonly FrameWriter _writer = stream.Writer;
    private readonly int _headerSize = context.Layout.HeaderSize;
    private readonly DirectionCounters _counters = context.SenderCounters;
    private readonly int _helloMilliseconds = (int)context.Peer.Options.HelloPeriod.TotalMilliseconds;
    private readonly HeaderCompletion _completion =
        new(context.Device, context.Environment.Time, context.Environment.Limits.MaxTasks, context.Peer.Options.FillInSourceProcessId);

    private ThreadOwner _owner;
    private FlushPolicy _flush = new(context.Peer.Compress != PayloadCompression.Off || context.Peer.Options.UseSession);
    private long _lastControl;
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
    public ConnectionEnd Serve()
    {
        _owner.Check();
        (_unflushedCommands, _idleMilliseconds, _errorsInARow, _hasCommandInHand) = (0, 0, 0, false);
        _flush.Reset(_writer.WireBytes, stream.FlushBytes);
        SetBlocked(false);
        _lastControl = context.Environment.Time.GetTimestamp();
        stream.Flush();
        while (!stream.HasEnded)
        {
            if (!context.Lifetime.IsServing)
            {
                return Settle();
            }

            if (!context.Outbox.IsEmpty)
            {
                SendOutbox();
            }

            if (!HasRoom())
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

        return stream.End!;
    }

    // A window that seems full may have been acknowledged meanwhile.
    private bool HasRoom()
    {
        if (!stream.HasRoom)
        {
            stream.ApplyReplies();
        }

        return stream.HasRoom;
    }

    /// <summary>The driver does not know the pair any more: the thread is to end.</summary>
    /// <returns>What to say of it.</returns>
    public ConnectionEnd EndUnbound(DvkError error)
    {
        context.EndUnbound("sender");
        return new ConnectionEnd(ConnectionEndCause.Unbound, $"the pair is no longer bound to the driver: {error.Describe()}");
    }

    // Fetches all that is ready, up to the next flush; waits only for the first. An open batch has its room, and that of the block that may end it. A
    // method of its own, called often: a loop that never ends is compiled before the runtime knows what it does.
    private DvkError Fetch()
    {
        do
        {
            ref var header = ref _writer.GetRoom(out var room);
            _waitMilliseconds = _flush.IsEmpty ? Math.Min(stream.IdleMilliseconds, _helloMilliseconds - _idleMilliseconds) : 0;
            var error = _spin.Fetch(_device, out header, room, _waitMilliseconds);
            if (error != DvkError.Ok)
            {
                return error;
            }

            AddCommand(ref header);
        }
        while (!_flush.IsEmpty && (_writer.HasOpenBatch || stream.HasRoom));
        return DvkError.Ok;
    }

    private void OnNothingFetched()
    {
        if (!_flush.IsEmpty)
        {
            Flush();
        }
        else if ((_idleMilliseconds += _waitMilliseconds) < _helloMilliseconds)
        {
            stream.OnIdle();
        }
        else
        {
            WriteControl(createHello());
        }
    }

    // What was fetched is sent before the end, and in a session acknowledged; whoever stops us limits the time.
    private ConnectionEnd Settle()
    {
        Flush();
        stream.ApplyReplies();
        while (!stream.IsSettled && !stream.HasEnded)
        {
            WaitForRoom();
            stream.ApplyReplies();
        }

        return context.Lifetime.IsStopping ? ConnectionEnd.Stopped : ConnectionEnd.Parked;
    }

    // A hello asks the peer for an acknowledgement, should the last one have got lost.
    private void WaitForRoom()
    {
        stream.WaitForReplies();
        if (context.Environment.Time.GetElapsedTime(_lastControl).TotalMilliseconds >= _helloMilliseconds)
        {
            WriteControl(createHello());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddCommand(ref CommandHeader header)
    {
        _errorsInARow = 0;
        _hasCommandInHand = true;
        _completion.Apply(ref header);

        // The writer may have the header in place, and makes it the frame's.
        var (dcId, isMessage, payloadLength) = (header.DcId, header.Command.IsMessage(), header.PayloadLength);
        _writer.AcknowledgeSequence = context.FramesReceived;
        _writer.Add(in header);
        _hasCommandInHand = false;
        _unflushedCommands++;
        _counters.CountCommand(dcId, isMessage, payloadLength);
        _flush.Add(_headerSize + payloadLength);
        if (_flush.IsDue(_writer.WireBytes))
        {
            Flush();
        }
    }

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
        stream.Send(in message);
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
        stream.Flush();
        SetBlocked(wasBlocked);
        (_unflushedCommands, _idleMilliseconds) = (0, 0);
        _flush.Reset(_writer.WireBytes, stream.FlushBytes);
        Volatile.Write(ref _counters.Frames, _writer.FramesWritten);
        Volatile.Write(ref _counters.RawBytes, _writer.RawBytes);
        Volatile.Write(ref _counters.WireBytes, _writer.WireBytes);
        Volatile.Write(ref _counters.CompressedFrames, _writer.CompressedFrames);
        Volatile.Write(ref _counters.Batches, _writer.BatchesWritten);
    }

    // Returns null if the error was the fate of one command, so that the service goes on.
    private ConnectionEnd? EndsService(DvkError error)
    {
        var verdict = DriverErrors.Of(DriverCall.Fetch, error);
        if (verdict == PairVerdict.Disconnected)
        {
            driver.OnDriverDisconnected();
            return new ConnectionEnd(ConnectionEndCause.DriverRefused, "the driver holds the sender for disconnected");
        }

        if (context.Binding.CheckLost(verdict, ++_errorsInARow))
        {
            return EndUnbound(error);
        }

        _counters.CommandErrors++;
        ProxyLog.FetchRefused(context.Logger, context.Name, error.Describe());
        return null;
    }
}

/// <summary>
/// When a sender that has more to fetch flushes what it has: a system call, and waking the peer, pay off up to a point; more only adds latency.
/// </summary>
/// <remarks>
/// Flushes after 126 KiB on the wire: two batches, or two of the largest blocks; or after a quarter of the window, where that is less. Where frames
/// shrink, by LZ4 or as compact batches, the bytes on the wire lag behind, for they are known when a batch is closed; so after 504 KiB before that in
/// any case, whatever the window, which counts bytes on the wire: 3,000 headers.
/// </remarks>
internal struct FlushPolicy(bool shrinks)
{
    /// <summary>Most bytes on the wire that wait for a flush.</summary>
    internal const int MostWireBytes = 2 * OptionRanges.BatchBytes;

    // How many times as much before frames shrink: more headers to a system call and a wake-up of the peer brought a tenth, with 4 and 16 peers.
    private const int MostShrinking = 4;

    private int _rawBytes;
    private int _mostBytes;
    private long _wireBytesAtFlush;

    /// <summary>True where nothing waits for a flush.</summary>
    public readonly bool IsEmpty => _rawBytes == 0;

    /// <summary>A command waits.</summary>
    /// <param name="rawBytes">Its bytes before compression.</param>
    public void Add(int rawBytes) => _rawBytes += rawBytes;

    /// <summary>True where what waits is to be flushed, though there may be more to fetch.</summary>
    /// <param name="wireBytes">All bytes written so far, as they go on the wire.</param>
    public readonly bool IsDue(long wireBytes) =>
        _rawBytes >= _mostBytes && (!shrinks || _rawBytes >= MostShrinking * MostWireBytes || wireBytes - _wireBytesAtFlush >= _mostBytes);

    /// <summary>All was flushed.</summary>
    /// <param name="wireBytes">All bytes written so far, as they go on the wire.</param>
    /// <param name="mostBytes">Most bytes on the wire that may wait for the next flush.</param>
    public void Reset(long wireBytes, int mostBytes) => (_rawBytes, _wireBytesAtFlush, _mostBytes) = (0, wireBytes, mostBytes);
}
