using System.Globalization;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames.Validation;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Session;

/// <summary>
/// Owns the receiver's end of the reliable session with one peer, across all its connections: what to accept, which frames to deliver, when
/// to acknowledge. No I/O of its own; one owner, the receiver thread. Behaviour: ReceiverSessionTests, SessionSimulationTests,
/// SessionExplorationTests.
/// </summary>
/// <remarks>
/// A session is remembered from its ACCEPT on. One that its sender holds for established and that is not known any more is not taken for
/// new: what was delivered of it is forgotten, and only the sender can tell what that means.
/// </remarks>
internal sealed class ReceiverSession
{
    private readonly ReceiverSessionOptions _options;
    private readonly SequenceSpace _space;
    private readonly SessionMemory _memory;
    private ReceiverPhase _phase;
    private RememberedSession? _session;
    private ulong _expected;
    private AcknowledgementDue _due;
    private long _unacknowledgedBytes;
    private long _acknowledgeAfterBytes;
    private ThreadOwner _owner;

    public ReceiverSession(ReceiverSessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.ProcessId);
        _options = options;
        _space = new SequenceSpace(options.Model);
        _memory = new SessionMemory(options.MaxSessions);
    }

    /// <summary>True while the present connection has a session.</summary>
    public bool IsOpen => _phase == ReceiverPhase.Open;

    /// <summary>True where the session of the present connection was known before, and goes on.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Last sequence delivered in the session of the present connection.</summary>
    public ulong Delivered => _space.Previous(_expected);

    /// <summary>A new connection: nothing is open on it. Call it before its first frame.</summary>
    public void OnConnected()
    {
        _owner.Check();
        _phase = ReceiverPhase.Connected;
        _session = null;
        IsResumed = false;
        _due = AcknowledgementDue.Nothing;
        _unacknowledgedBytes = 0;
    }

    /// <summary>The sender of the present connection has proven itself. The former connection of the peer, if any, must have
    /// ended.</summary>
    /// <returns>The ACCEPT, to be sent at once.</returns>
    public CommandHeader Accept(SessionIntroduction introduction, Timestamp now)
    {
        Invariant.Require(_phase == ReceiverPhase.Connected, "A connection is given a second session.");
        var open = introduction.Open;
        _session = _memory.Use(open.Id);
        IsResumed = _session is not null;
        if (!IsResumed && !open.IsEstablished)
        {
            _session = _memory.Add(open.Id, _space.Wrap(open.NextNumber - 1));
        }

        _phase = _session is null ? ReceiverPhase.Unknown : ReceiverPhase.Open;
        var delivered = _session?.Delivered ?? 0;
        _expected = _space.Next(delivered);
        _acknowledgeAfterBytes = Math.Max(open.WindowBytes / 4, 1);
        var accept = new SessionAccept(
            _options.ProcessId, introduction.Keys.AcceptMac(_options.ProcessId, IsResumed, delivered), IsResumed, delivered);
        return SessionMessage.Create(in accept, _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>A command frame, by the header it had on the wire.</summary>
    public FrameVerdict OnFrame(in CommandHeader wireHeader) => OnFrame(wireHeader.Flags, wireHeader.SendSequence);

    /// <summary>A command frame, by the flags and the number it had on the wire.</summary>
    public FrameVerdict OnFrame(CommandFlags wireFlags, ulong sequence)
    {
        _owner.Check();
        if (!IsOpen)
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
            return FrameVerdict.Gap;
        }

        _due = AcknowledgementDue.Now;
        return FrameVerdict.Duplicate;
    }

    /// <summary>The commands of the frame were handed to the driver, whatever it said to them.</summary>
    /// <param name="wireBytes">Bytes of the frame, header included.</param>
    public void OnDelivered(int wireBytes)
    {
        Invariant.Require(IsOpen, "A frame is delivered outside of a session.");
        var session = _session!;
        session.Delivered = _expected;
        session.Failures = 0;
        _expected = _space.Next(_expected);
        _unacknowledgedBytes += wireBytes;
        if (_due == AcknowledgementDue.Nothing)
        {
            _due = AcknowledgementDue.Soon;
        }
    }

    /// <summary>
    /// A control message came: it is answered with an acknowledgement, so that one that got lost is made up for and the peer sees that we
    /// live.
    /// </summary>
    public void OnControl() => _due = IsOpen ? AcknowledgementDue.Now : AcknowledgementDue.Nothing;

    /// <summary>
    /// A frame came that is not fit for the driver: its payload is damaged (<see cref="FrameFaultKind.DigestMismatch"/>, a corrupt
    /// compression, …), or it is intact and breaks a rule. Nothing of it may be delivered.
    /// </summary>
    public ContentFailureVerdict OnContentFailure(in CommandHeader wireHeader)
    {
        if (!IsOpen || (wireHeader.Flags & CommandFlags.Sequenced) == 0 || _space.Wrap(wireHeader.SendSequence) != _expected)
        {
            return ContentFailureVerdict.CloseAndRetry;
        }

        var session = _session!;
        session.Failures = session.Failures > 0 && session.FailedSequence == _expected ? session.Failures + 1 : 1;
        session.FailedSequence = _expected;
        return session.Failures >= _options.MaxContentFailures ? ContentFailureVerdict.GiveUp : ContentFailureVerdict.CloseAndRetry;
    }

    /// <summary>The unfit frame was skipped for good: it counts as handled, so that the sender goes on behind it.</summary>
    public void OnGivenUp(int wireBytes) => OnDelivered(wireBytes);

    /// <summary>True when an acknowledgement should go out now.</summary>
    /// <param name="inputDry">There is no whole frame left in the input.</param>
    public bool ShouldAcknowledge(bool inputDry) =>
        IsOpen && ((inputDry && _due != AcknowledgementDue.Nothing) || OwesMuch);

    /// <summary>False where the acknowledgement that <see cref="ShouldAcknowledge"/> wants may wait a little for more to
    /// acknowledge.</summary>
    public bool IsUrgent => _due == AcknowledgementDue.Now || OwesMuch;

    /// <summary>The acknowledgement of all that was delivered, to be sent at once.</summary>
    public CommandHeader CreateAcknowledgement(Timestamp now)
    {
        _due = AcknowledgementDue.Nothing;
        _unacknowledgedBytes = 0;
        return SessionMessage.CreateAcknowledgement(Delivered, _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The CLOSE of a connection that has a session: all that was delivered, and nothing else is going to be. The connection ends
    /// with it.</summary>
    public CommandHeader CreateClose(SessionCloseCause cause, Timestamp now)
    {
        Invariant.Require(IsOpen, "A session is closed that is not open.");
        _phase = ReceiverPhase.Closed;
        return SessionMessage.Create(new SessionClose(cause, Delivered), _options.LocalNode, _options.PeerNode, now);
    }

    /// <summary>The whole state in one line, for logs and for exploring the state space.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"[{_memory}]{(IsOpen ? $", {_session!.Id.Number:x} open, expects {_expected}" : "")}"
        + $"{(_due == AcknowledgementDue.Nothing ? "" : " wants to acknowledge")}");

    private bool OwesMuch => _unacknowledgedBytes >= _acknowledgeAfterBytes;

    private enum AcknowledgementDue
    {
        /// <summary>The sender knows all.</summary>
        Nothing,

        /// <summary>It may wait a little for more to acknowledge.</summary>
        Soon,

        /// <summary>The sender has asked for it, or sends again what we have.</summary>
        Now,
    }
}

/// <summary>How far the present connection of a receiver has come with its session.</summary>
internal enum ReceiverPhase
{
    /// <summary>Nothing is open on it.</summary>
    Connected,

    /// <summary>Frames of a session come in.</summary>
    Open,

    /// <summary>Its sender holds a session for established that is not known here: no frame of it is delivered.</summary>
    Unknown,

    /// <summary>We have said CLOSE.</summary>
    Closed,
}
