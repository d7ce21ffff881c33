using System.Buffers;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Takes the frames off a receiver's input, counts them, and leaves each to whom it is for: the session, the control handler, the driver's
/// <see cref="FrameDelivery"/>, or, where it is not fit for any, <see cref="UnfitFrames"/>. Receiver thread only. Behaviour:
/// DamagedFrameTests, CapturedStreamTests, HostileConnectionTests.
/// </summary>
internal sealed class FrameDispatcher
{
    private readonly PairContext _context;
    private readonly DirectionCounters _counters;
    private readonly ConnectionHandover _handover;
    private readonly ControlHandler _control;
    private readonly SessionFilter? _session;
    private readonly FrameDelivery _delivery;
    private readonly UnfitFrames _unfit;
    private ThreadOwner _owner;

    /// <param name="context">What the pair shares.</param>
    /// <param name="handover">Has the connection in use.</param>
    /// <param name="control">Gets the control messages.</param>
    /// <param name="session">The receiver's end of the session; null where there is none.</param>
    public FrameDispatcher(PairContext context, ConnectionHandover handover, ControlHandler control, SessionFilter? session)
    {
        (_context, _handover, _control, _session) = (context, handover, control, session);
        _counters = context.ReceiverCounters;
        _delivery = new FrameDelivery(context, session);
        _unfit = new UnfitFrames(context, handover, session);
    }

    /// <summary>Takes every whole frame off the input. Returns why the connection has to end, for which the frame under way is finished
    /// first; null if it goes on.</summary>
    public ConnectionEnd? DispatchAll(FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        _owner.Check();
        while (true)
        {
            var status = buffer.IsSingleSegment
                ? DispatchContiguous(reader, ref buffer, out var end)
                : DispatchOne(reader, ref buffer, out end);
            if (status == FrameStatus.Malformed)
            {
                end = _unfit.OnUnfit(reader, ref buffer);
            }

            end ??= OwnEnd;
            if (end is not null || status == FrameStatus.NeedMoreData)
            {
                return end;
            }
        }
    }

    // Set by another thread that wants the connection to end.
    private ConnectionEnd? OwnEnd => _handover.InUse!.OwnEnd;

    // The common case, input in one piece: the sequence is cut once, not once per frame. A method of its own, so that the runtime compiles
    // it for what it sees here and not as a part of a loop that never ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameStatus DispatchContiguous(FrameReader reader, ref ReadOnlySequence<byte> buffer, out ConnectionEnd? end)
    {
        var connection = _handover.InUse!;
        var input = buffer.FirstSpan;
        var length = input.Length;
        FrameStatus status;
        end = null;
        while ((status = reader.TryReadContiguous(input, out var frame)) == FrameStatus.Complete)
        {
            input = input[frame.WireLength..];
            end = Dispatch(in frame) ?? connection.OwnEnd;
            if (end is not null)
            {
                break;
            }
        }

        buffer = buffer.Slice(length - input.Length);
        return status;
    }

    private FrameStatus DispatchOne(FrameReader reader, ref ReadOnlySequence<byte> buffer, out ConnectionEnd? end)
    {
        var status = reader.TryRead(ref buffer, out var frame);
        end = status == FrameStatus.Complete ? Dispatch(in frame) : null;
        return status;
    }

    private ConnectionEnd? Dispatch(in Frame frame)
    {
        _unfit.OnFit();
        Volatile.Write(ref _counters.Frames, (long)_context.CountReceivedFrame());
        _counters.WireBytes += frame.WireLength;
        _counters.RawBytes += _context.Layout.HeaderSize + frame.RawPayloadLength;
        if (frame.WasCompressed)
        {
            _counters.CompressedFrames++;
        }

        return frame.IsControl ? DispatchControl(in frame)
            : _session is null ? _delivery.Deliver(in frame)
            : DispatchToSession(_session, in frame);
    }

    private ConnectionEnd? DispatchControl(in Frame frame)
    {
        ConnectionEnd? end = null;
        if (_session is null || _session.AdmitControl(in frame.Command, out end) == FrameAdmission.Deliver)
        {
            _counters.Controls++;
            _control.Handle(in frame.Command);
        }

        return end;
    }

    private ConnectionEnd? DispatchToSession(SessionFilter session, in Frame frame)
    {
        if (session.Admit(in frame, out var end) != FrameAdmission.Deliver)
        {
            return end;
        }

        end = _delivery.Deliver(in frame);
        if (end is null)
        {
            session.OnDelivered(frame.WireLength);
        }

        return end;
    }
}
