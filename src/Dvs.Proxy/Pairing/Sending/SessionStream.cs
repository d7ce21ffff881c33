using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Sending.Replies;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// A reliable session: frames are kept in the <see cref="RetransmitWindow"/> until the peer has acknowledged them, and what a broken
/// connection may have lost is sent again on the next. A full window fetches nothing, so the rest stays queued in the driver. Behaviour:
/// SessionStreamTests, SessionPairTests, LateAcknowledgementTests.
/// </summary>
internal sealed class SessionStream : OutboundStream
{
    // Bytes that are sent between two looks for acknowledgements: a look is a system call, and the peer does not acknowledge every frame.
    private const int BytesBetweenPolls = 128 * 1024;

    // After traffic the last acknowledgement comes within a moment; a sender that nobody wakes has to look for it.
    private const int FirstIdleMilliseconds = 4;
    private const int LongestIdleMilliseconds = 1024;

    // A peer that was told that we go closes its side at once.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    private readonly Func<CommandHeader> _createHello;
    private readonly SenderSession _session;
    private readonly SenderOpening _opening;
    private readonly FrameReaderOptions _readerOptions;
    private readonly SilenceLimit _silence;
    private readonly ControlMessageWriter _control;
    private readonly AesGmacFrameDigest? _keyedDigest;
    private readonly WindowSizer? _sizer;
    private readonly CompressionChoice? _compression;
    private readonly int _largestBlockBytes;
    private SessionDigests? _digests;
    private SessionReplies? _replies;
    private ProxyConnection? _connection;
    private long _pollAtBytes;
    private int _idleMilliseconds = int.MaxValue;
    private ulong _acknowledgedAtOpen;
    private ulong _askedBefore;
    private long _askedAtBytes;
    private long _releasedBytes;

    public SessionStream(PairContext context, Func<CommandHeader> createHello)
        : base(context)
    {
        _createHello = createHello;
        var options = WriterOptions(context, isSession: true);
        var largestRoom = FrameWriter.LargestRoomOf(options);
        var mostBytes = Math.Max(context.Peer.Options.WindowBytes ?? context.Peer.Options.LargestWindowBytes, largestRoom);
        _largestBlockBytes = context.Layout.HeaderSize + context.Environment.Limits.MaxCopyBuffer;
        _sizer = context.Peer.Options.WindowBytes is null
            ? new WindowSizer(LeastWindowOf(_largestBlockBytes), PeerOptions.SmallestWindowBytes, mostBytes, context.Environment.Time.TimestampFrequency)
            : null;
        _compression = context.Peer.Compress == PayloadCompression.Auto ? new CompressionChoice(context.Environment.Time.TimestampFrequency) : null;
        _session = new SenderSession(new SenderSessionOptions
        {
            Model = context.Layout.DataModel,
            LocalNode = context.Environment.LocalNodeId,
            PeerNode = context.Peer.NodeId,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            Window = new RetransmitWindowOptions(mostBytes, context.Peer.Options.WindowFrames, largestRoom),
            Digest = context.Peer.FrameDigest,
            CompactBatches = options.MaxBatchCommands > 0,
            Secret = context.Secret,
            AtLeastOnce = context.Peer.Options.AtLeastOnce,
        });
        Writer = new FrameWriter(options, _session.Window) { CompressBlocks = _compression is null };
        _readerOptions = new FrameReaderOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            ExpectedSourceNode = context.Peer.NodeId,
            ExpectedDestinationNode = context.Environment.LocalNodeId,
            AllowSessionFlags = true,
        };
        _silence = new SilenceLimit(context.Peer.IdleTimeout, context.Environment.Time);
        _control = new ControlMessageWriter(context.Layout);
        _opening = new SenderOpening(context, _session);
        if (!context.Secret.IsEmpty)
        {
            var key = SessionKeys.DeriveCommandKey(
                context.Secret.Span, _session.Id.Process, context.Environment.LocalNodeId, context.Peer.NodeId);
            _keyedDigest = new AesGmacFrameDigest(key, FrameDigestUse.Commands);
        }
    }

    public override FrameWriter Writer { get; }

    /// <summary>What is not acknowledged yet.</summary>
    internal RetransmitWindow Window => _session.Window;

    public override int IdleMilliseconds => Math.Min(_idleMilliseconds, _silence.RemainingMilliseconds);

    public override TimeSpan ResumeWindow => Context.Peer.Options.ResumeWindow;

    public override bool HasProgressed => Window.Acknowledged != _acknowledgedAtOpen;

    public override bool HasRoom => Window.HasRoom;

    public override bool IsSettled => Window.IsEmpty;

    // Several flushes make a full window, or the path would be idle while one is acknowledged.
    public override int FlushBytes => _sizer is null ? base.FlushBytes : (int)Math.Clamp(_sizer.Bytes / 4, 1, base.FlushBytes);

    public override void Abandon()
    {
        base.Abandon();
        var (unknown, lost) = _session.Abandon();
        if (unknown.Commands + lost.Commands > 0)
        {
            Context.SenderCounters.UnknownFate += unknown.Commands;
            Context.SenderCounters.Lost += lost.Commands;
            ProxyLog.LeftUnacknowledged(Context.Logger, Context.Name, Counted.Of(unknown.Commands, "command"), Counted.Of(lost.Commands, "command"));
        }
    }

    public override void Dispose()
    {
        _replies?.Dispose();
        _digests?.Dispose();
        _session.Dispose();
        base.Dispose();
        _keyedDigest?.Dispose();
    }

    protected override PeerReplies? Replies => _replies;

    protected override ConnectionEnd? Begin(ProxyConnection connection, Action onEnded)
    {
        _connection = connection;
        _replies = SessionReplies.Of(connection, _readerOptions, _session.DescribeRefusal, onEnded, WatchThreadName);
        _silence.Begin();
        _control.Begin(null);
        var isOpen = false;
        try
        {
            if (_opening.Run(connection, _replies, _control) is { } problem)
            {
                return problem;
            }

            Writer.CompactBatches = (_session.Features & SessionFeatures.CompactBatches) != 0;
            Writer.Digest = _keyedDigest ?? SessionDigests.Unkeyed(_session.Features);
            _digests = SessionDigests.Create(_session.Features, _session.Keys!);
            _control.Begin(_digests?.ToReceiver);
            if (_digests is not null)
            {
                _replies.RequireDigest(_digests.ToSender);
            }

            Write(_createHello());
            _acknowledgedAtOpen = Window.Acknowledged;
            (_pollAtBytes, _askedBefore) = (0, 0);
            BeginMeasuring();
            _replies.Start(_acknowledgedAtOpen);
            isOpen = true;
            return null;
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
        finally
        {
            if (!isOpen)
            {
                Forget();
            }
        }
    }

    protected override void Apply()
    {
        _replies!.Poll();
        if (_replies.TryTake(out var acknowledged) && !_session.TryAcknowledge(acknowledged, out var problem))
        {
            throw new ConnectionEndException(SenderOpening.ProtocolViolation(problem));
        }

        TakeAcknowledged();
    }

    // The peer acknowledges a quarter of the window at once. For less it takes its time, unless it is asked: a hello asks.
    protected override void Wait()
    {
        if (_askedBefore != Window.NextNumber && Window.Kept.Bytes <= Window.QuarterBytes)
        {
            _askedBefore = Window.NextNumber;
            Write(_createHello());
        }

        _replies!.Wait();
        CheckSilence();
    }

    protected override void FlushFrames()
    {
        if (!_replies!.ArePolled || Window.Kept.Bytes >= _pollAtBytes)
        {
            Apply();
            _pollAtBytes = Window.Kept.Bytes + BytesBetweenPolls;
        }

        Writer.Complete();
        var output = _connection!.Output;
        while (Window.TryTakeUnsent(out var piece))
        {
            ConnectionOutput.RequireOpen(output.WriteAsync(piece).WaitBlocking());
            _silence.OnSent(_replies.Heard);
        }

        Measure();
        _idleMilliseconds = LooksForReplies && !Window.IsEmpty ? FirstIdleMilliseconds : int.MaxValue;
        Volatile.Write(ref Context.SenderCounters.Retransmitted, Window.Retransmitted.Frames);
    }

    protected override void SendControl(in CommandHeader control)
    {
        CheckSilence();
        Write(in control);
    }

    protected override void LookAfterIdleTime()
    {
        Apply();
        CheckSilence();
        if (!Window.IsEmpty)
        {
            _idleMilliseconds = LooksForReplies ? Math.Min(_idleMilliseconds * 2, LongestIdleMilliseconds) : int.MaxValue;
            return;
        }

        _compression?.OnIdle(Context.Environment.Time.GetTimestamp());

        // The room for the next command may lie in memory that was got for bursts.
        Writer.Complete();
        _idleMilliseconds = int.MaxValue;
    }

    protected override StreamEnd Leave(ConnectionEnd end, int unflushedCommands)
    {
        if (!_replies!.HasEnded && SayClose(end))
        {
            _replies.WaitForEnd(LongestFarewell);
        }

        // What is seen from here on is of our making.
        var (ownEnd, seen) = (_connection!.OwnEnd, _replies.End);
        _replies.Stop();
        var said = TakeLastReplies();
        if (Writer.HasOpenBatch)
        {
            Writer.Complete();
        }

        Forget();
        return new StreamEnd(ownEnd ?? ConnectionEnd.MostTelling(said ?? end, end, seen), LostCommands: 0);
    }

    // Where nobody wakes the sender for an acknowledgement, or the time that it takes is measured.
    private bool LooksForReplies => _replies!.ArePolled || _compression is not null;

    private SentTotals Totals => new(Writer.RawBytes, Window.AppendedBytes, Window.ReleasedBytes);

    private void BeginMeasuring()
    {
        var now = Context.Environment.Time.GetTimestamp();
        (_releasedBytes, _askedAtBytes) = (Window.ReleasedBytes, Window.AppendedBytes);
        if (_sizer is not null)
        {
            _sizer.Begin(_releasedBytes, now);
            Limit(_sizer.Bytes);
        }

        if (_compression is not null)
        {
            _compression.Begin(Totals, now);
            ApplyChoice(_compression);
        }
    }

    // Tells those that measure what has been acknowledged since.
    private void TakeAcknowledged()
    {
        if (Window.ReleasedBytes == _releasedBytes || (_sizer is null && _compression is null))
        {
            return;
        }

        _releasedBytes = Window.ReleasedBytes;
        var now = Context.Environment.Time.GetTimestamp();
        if (_sizer is not null)
        {
            _sizer.OnAcknowledged(_releasedBytes, now);
            Limit(_sizer.Bytes);
        }

        if (_compression is not null)
        {
            _compression.OnAcknowledged(Totals, now);
            ApplyChoice(_compression);
        }
    }

    private void ApplyChoice(CompressionChoice compression)
    {
        Writer.CompressBlocks = compression.IsOn;
        Volatile.Write(ref Context.SenderCounters.IsCompressing, compression.IsChosen);
    }

    // Two of the largest blocks, so that one is on the line while the other is acknowledged, and small frames beside them.
    private static long LeastWindowOf(int largestBlockBytes) => 5L * largestBlockBytes / 2;

    // The next block comes on top.
    private void Limit(long windowBytes) => Window.LimitBytes = Math.Max(0, windowBytes - _largestBlockBytes);

    // The peer knows the largest window only, so it is asked for an acknowledgement every quarter of the present one.
    private void Measure()
    {
        if (_sizer is null && _compression is null)
        {
            return;
        }

        var now = Context.Environment.Time.GetTimestamp();
        if (!Window.IsEmpty)
        {
            _compression?.OnSent(now);
        }

        if (_sizer is null)
        {
            return;
        }

        _sizer.OnSent(Window.AppendedBytes, !Window.HasRoom, now);
        if (Window.AppendedBytes - _askedAtBytes >= _sizer.Bytes / 4)
        {
            _askedAtBytes = Window.AppendedBytes;
            _askedBefore = Window.NextNumber;
            Write(_createHello());
        }
    }

    private void Write(in CommandHeader control)
    {
        _connection!.Output.Send(_control, in control);
        _silence.OnSent(_replies!.Heard);
    }

    // True: the peer was told, and closes its side, too.
    private bool SayClose(ConnectionEnd end)
    {
        if (SessionEnds.CauseOf(end) is not { } cause || _replies!.IsClosedByPeer || !_connection!.CanWriteAtOnce())
        {
            return false;
        }

        try
        {
            Write(SessionMessage.Create(
                new SessionClose(cause, 0), Context.Environment.LocalNodeId, Context.Peer.NodeId, Timestamp.Now(Context.Environment.Time)));
            _connection!.Output.Complete();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    // A sender that is blocked in writing takes no replies, and may learn of the end of the connection first.
    private ConnectionEnd? TakeLastReplies()
    {
        var reason = _replies!.ReadRest();
        if (_replies.TryTake(out var acknowledged) && !_session.TryAcknowledge(acknowledged, out var problem))
        {
            return SenderOpening.ProtocolViolation(problem);
        }

        if (_replies.IsClosedByPeer)
        {
            _session.OnPeerClosed();
        }

        return reason;
    }

    private void Forget()
    {
        Writer.Abandon();
        _session.OnDisconnected();
        _replies!.Dispose();
        _replies = null;
        _digests?.Dispose();
        _digests = null;
        _connection = null;
        _idleMilliseconds = int.MaxValue;
    }

    // Whatever we send is answered. Where the answers are swallowed on the way, or the peer is frozen, the next connection shows which.
    private void CheckSilence()
    {
        if (!_silence.IsOver(_replies!.Heard, !Window.IsEmpty))
        {
            return;
        }

        Apply();
        if (_silence.IsOver(_replies.Heard, !Window.IsEmpty))
        {
            var limit = Context.Peer.IdleTimeout.TotalSeconds;
            throw new ConnectionEndException(new ConnectionEnd(
                ConnectionEndCause.PeerSilent, string.Create(CultureInfo.InvariantCulture, $"the peer has answered nothing for {limit:0.###} s (idle)")));
        }
    }
}
