using System.Globalization;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// The receiver's end of the reliable session with one peer, across all its connections: what to accept, which frames to deliver, when to
/// acknowledge. No I/O of its own; one owner, the receiver thread.
/// </summary>
/// <remarks>
/// A session is remembered from its ACCEPT on. One that its sender holds for established and that is not known any more is not taken for new:
/// what was delivered of it is forgotten, and only the sender can tell what that means.
/// </remarks>
internal sealed class ReceiverSession
{
    private readonly ReceiverSessionOptions _options;
    private readonly SequenceSpace _space;
    private readonly SessionMemory _memory;
    private RememberedSession? _open;
    private ulong _expected;
    private bool _wantsAcknowledgement;
    private bool _isAsked;
    private long _unacknowledgedBytes;
    private long _acknowledgeAfter;

    public ReceiverSession(ReceiverSessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.ProcessId);
        _options = options;
        _space = new SequenceSpace(options.Model);
        _memory = new SessionMemory(options.MaxSessions);
    }

    /// <summary>True while the present connection has a session.</summary>
    public bool IsOpen => _open is not null;

    /// <summary>Last sequence delivered in the session of the present connection.</summary>
    public ulong Delivered => _space.Previous(_expected);

    /// <summary>Times that a known session went on with a new connection.</summary>
    public long Resumes { get; private set; }

    /// <summary>Times that a session of another process of the sender began than the one before.</summary>
    public long SenderRestarts { get; private set; }

    /// <summary>Frames dropped because they had been delivered before.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Frames that came before others that were missing.</summary>
    public long Gaps { get; private set; }

    /// <summary>Frames whose payload arrived damaged.</summary>
    public long ContentFailures { get; private set; }

    /// <summary>Frames that were given up because they never arrived intact.</summary>
    public long RefusedFrames { get; private set; }

    /// <summary>A new connection: nothing is open on it. Call it before its first frame.</summary>
    public void OnConnected()
    {
        _open = null;
        _wantsAcknowledgement = false;
        _isAsked = false;
        _unacknowledgedBytes = 0;
    }

    /// <summary>The sender of the present connection has proven itself. The former connection of the peer, if any, must have ended.</summary>
    /// <returns>The ACCEPT, to be sent at once.</returns>
    public CommandHeader Accept(SessionIntroduction introduction, Timestamp now)
    {
        var open = introduction.Open;
        var session = _memory.Use(open.Id);
        var isKnown = session is not null;
        if (isKnown)
        {
            Resumes++;
        }
        else if (!open.IsEstablished)
        {
            SenderRestarts += _memory.Latest is { } latest && latest.Id.Process != open.Id.Process ? 1 : 0;
            session = _memory.Add(open.Id, _space.Wrap(open.NextNumber - 1));
        }

        _open = session;
        var delivered = session?.Delivered ?? 0;
        _expected = _space.Next(delivered);
        _acknowledgeAfter = Math.Max(open.WindowBytes / 4, 1);
        var accept = new SessionAccept(
            _options.ProcessId, introduction.Keys.AcceptMac(_options.ProcessId, isKnown, delivered), isKnown, delivered);
        return SessionMessage.Create(in accept, _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>A command frame, by the header it had on the wire.</summary>
    public FrameVerdict OnFrame(in CommandHeader wireHeader) => OnFrame(wireHeader.Flags, wireHeader.SendSequence);

    /// <summary>A command frame, by the flags and the number it had on the wire.</summary>
    public FrameVerdict OnFrame(CommandFlags wireFlags, ulong sequence)
    {
        if (_open is null)
        {
            return FrameVerdict.NoSession;
        }

        if ((wireFlags & CommandFlags.Sequenced) == 0)
        {
            return FrameVerdict.Unsequenced;
        }

        var distance = _space.Distance(_expected, sequence);
        if (distance == 0)
        {
            return FrameVerdict.Deliver;
        }

        if (distance > 0)
        {
            Gaps++;
            return FrameVerdict.Gap;
        }

        Duplicates++;
        _wantsAcknowledgement = true;
        _isAsked = true;
        return FrameVerdict.Duplicate;
    }

    /// <summary>The commands of the frame were handed to the driver, whatever it said to them.</summary>
    /// <param name="wireBytes">Bytes of the frame, header included.</param>
    public void OnDelivered(int wireBytes)
    {
        var session = _open!;
        session.Delivered = _expected;
        session.Failures = 0;
        _expected = _space.Next(_expected);
        _unacknowledgedBytes += wireBytes;
        _wantsAcknowledgement = true;
    }

    /// <summary>
    /// A control message came: it is answered with an acknowledgement, so that one that got lost is made up for and the peer sees that we
    /// live.
    /// </summary>
    public void OnControl() => _wantsAcknowledgement = _isAsked = IsOpen;

    /// <summary>
    /// A frame came whose header is valid, but whose payload is not (<see cref="FrameFaultKind.DigestMismatch"/>, a corrupt compression,
    /// …). Nothing of it may be delivered.
    /// </summary>
    public ContentFailureVerdict OnContentFailure(in CommandHeader wireHeader)
    {
        ContentFailures++;
        if (_open is not { } session || (wireHeader.Flags & CommandFlags.Sequenced) == 0 || _space.Wrap(wireHeader.SendSequence) != _expected)
        {
            return ContentFailureVerdict.CloseAndRetry;
        }

        session.Failures = session.Failures > 0 && session.FailedSequence == _expected ? session.Failures + 1 : 1;
        session.FailedSequence = _expected;
        return session.Failures >= _options.MaxContentFailures ? ContentFailureVerdict.RefuseFrame : ContentFailureVerdict.CloseAndRetry;
    }

    /// <summary>The damaged frame was skipped for good: it counts as handled, so that the sender goes on behind it.</summary>
    public void OnRefused(int wireBytes)
    {
        OnDelivered(wireBytes);
        RefusedFrames++;
    }

    /// <summary>True when an acknowledgement should go out now.</summary>
    /// <param name="inputDry">There is no whole frame left in the input.</param>
    public bool ShouldAcknowledge(bool inputDry) =>
        IsOpen && ((inputDry && _wantsAcknowledgement) || OwesMuch);

    /// <summary>False where the acknowledgement that <see cref="ShouldAcknowledge"/> wants may wait a little for more to acknowledge.</summary>
    public bool IsUrgent => _isAsked || OwesMuch;

    /// <summary>The acknowledgement of all that was delivered, to be sent at once.</summary>
    public CommandHeader CreateAcknowledgement(Timestamp now)
    {
        _wantsAcknowledgement = false;
        _isAsked = false;
        _unacknowledgedBytes = 0;
        return SessionMessage.CreateAcknowledgement(Delivered, _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The CLOSE of a connection that has a session: all that was delivered, and nothing else is going to be. The connection ends with it.</summary>
    public CommandHeader CreateClose(SessionCloseCause cause, Timestamp now)
    {
        _open = null;
        return SessionMessage.Create(new SessionClose(cause, Delivered), _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"[{_memory}]{(_open is null ? "" : $", {_open.Id.Number:x} open, expects {_expected}")}{(_wantsAcknowledgement ? " wants to acknowledge" : "")}");

    private bool OwesMuch => _unacknowledgedBytes >= _acknowledgeAfter;
}
