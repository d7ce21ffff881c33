using System.Buffers;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// What a receiver does with the frames it reads: control messages are answered, commands go to the driver, in a session each once. An error of
/// the driver is the outcome of one command. Receiver thread only.
/// </summary>
internal sealed class FrameDispatcher(PairContext context, ControlHandler control)
{
    private static readonly ConnectionEnd Unbound = new(ConnectionEndCause.Unbound, "the pair is no longer bound to the driver");

    private readonly DirectionCounters _counters = context.ReceiverCounters;
    // A classic peer that sends nothing but bad frames has lost its place in its own stream.
    internal const int MostBadFrames = 16;

    private readonly DriverDelivery _delivery = new(context);
    private readonly CommandRefusal _refusal = new(context);
    private int _errorsInARow;
    private int _badFramesInARow;

    /// <summary>The receiver's end of the session; null where there is none.</summary>
    public SessionFilter? Session { get; } = context.Peer.UseSession ? new SessionFilter(context) : null;

    /// <summary>The driver does not know the pair any more: the thread is to end.</summary>
    public void EndUnbound()
    {
        context.Lifetime.Stop();
        ProxyLog.PairUnbound(context.Logger, context.Name, "receiver");
    }

    /// <summary>Handles every whole frame there is. Null: go on; otherwise why the connection has to end,
    /// for which the frame under way is finished first.</summary>
    public ConnectionEnd? Handle(ProxyConnection connection, FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            ConnectionEnd? problem;
            var status = buffer.IsSingleSegment ? HandleAll(connection, reader, ref buffer, out problem) : HandleOne(reader, ref buffer, out problem);
            if (status == FrameStatus.Malformed)
            {
                problem = HandleFault(connection, reader, ref buffer);
            }

            problem ??= connection.OwnEnd;

            if (problem is not null || status == FrameStatus.NeedMoreData)
            {
                return problem;
            }
        }
    }

    // The common case, input in one piece: the sequence is cut once, not once per frame. A method of its own, so that the runtime compiles it for
    // what it sees here and not as a part of a loop that never ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameStatus HandleAll(ProxyConnection connection, FrameReader reader, ref ReadOnlySequence<byte> buffer, out ConnectionEnd? problem)
    {
        var input = buffer.FirstSpan;
        var length = input.Length;
        FrameStatus status;
        problem = null;
        while ((status = reader.TryReadContiguous(input, out var frame)) == FrameStatus.Complete)
        {
            input = input[frame.WireLength..];
            problem = Handle(in frame) ?? connection.OwnEnd;
            if (problem is not null)
            {
                break;
            }
        }

        buffer = buffer.Slice(length - input.Length);
        return status;
    }

    private FrameStatus HandleOne(FrameReader reader, ref ReadOnlySequence<byte> buffer, out ConnectionEnd? problem)
    {
        var status = reader.TryRead(ref buffer, out var frame);
        problem = status == FrameStatus.Complete ? Handle(in frame) : null;
        return status;
    }

    private ConnectionEnd? Handle(in Frame frame)
    {
        _badFramesInARow = 0;
        Volatile.Write(ref _counters.Frames, _counters.Frames + 1);
        _counters.WireBytes += frame.WireLength;
        _counters.RawBytes += context.Layout.HeaderSize + frame.RawPayloadLength;
        if (frame.WasCompressed)
        {
            _counters.CompressedFrames++;
        }

        ConnectionEnd? problem = null;
        if (frame.IsControl)
        {
            if (Session?.TryHandleControl(in frame.Command, out problem) != true)
            {
                _counters.Controls++;
                control.Handle(in frame.Command);
            }

            return problem;
        }

        if (Session is null)
        {
            return Deliver(in frame);
        }

        if (!Session.MayDeliver(in frame, out problem))
        {
            return problem;
        }

        problem = Deliver(in frame);
        if (problem is null)
        {
            Session.OnDelivered(frame.WireLength);
        }

        return problem;
    }

    // A frame of a session whose delivery met a fault is not to come again: what was delivered of it would be delivered twice.
    private ConnectionEnd? Deliver(in Frame frame)
    {
        var before = _counters.Commands;
        try
        {
            return DeliverAll(in frame);
        }
        catch
        {
            GiveUpRest(in frame, (int)(_counters.Commands - before));
            throw;
        }
    }

    // The one that met the fault counts as begun: nobody knows whether the driver has it.
    private void GiveUpRest(in Frame frame, int begun)
    {
        _counters.UnknownFate++;
        _counters.Lost += frame.CommandCount - Math.Max(begun, 1);
        Session?.GiveUpRest(in frame, Math.Max(begun, 1));
    }

    private ConnectionEnd? DeliverAll(in Frame frame)
    {
        if (!Deliver(in frame.Command, frame.Payload))
        {
            return Unbound;
        }

        if (frame.CommandCount > 1)
        {
            _counters.Batches++;
            return Session is null ? DeliverClassicBatch(in frame) : DeliverBatch(in frame);
        }

        return null;
    }

    private ConnectionEnd? DeliverBatch(in Frame frame)
    {
        foreach (ref readonly var command in frame.GetBatch())
        {
            if (!Deliver(in command, default))
            {
                return Unbound;
            }
        }

        return null;
    }

    // One that cannot be valid does not take the others with it. A classic proxy batches COPYIN_RQST, whose block is lost then.
    private ConnectionEnd? DeliverClassicBatch(in Frame frame)
    {
        var batch = frame.GetUncheckedBatch();
        while (batch.MoveNext())
        {
            if (batch.Fault.Kind != FrameFaultKind.None)
            {
                RefuseBatched(in batch.Current, batch.Fault);
            }
            else if (!Deliver(in batch.Current, default))
            {
                return Unbound;
            }
        }

        return null;
    }

    private void RefuseBatched(in CommandHeader command, FrameFault fault)
    {
        _counters.InvalidCommands++;
        if (fault.Kind == FrameFaultKind.NotBatchable)
        {
            _refusal.Answer(in command, ErrorAcknowledgement.DefaultError);
        }

        ProxyLog.BatchedCommandRefused(context.Logger, context.Name, command, fault.Describe());
    }

    // A frame of a session whose header is sound and whose payload is not is sent again, but not for ever.
    private ConnectionEnd? HandleFault(ProxyConnection connection, FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        var fault = reader.Fault;
        if (Session is null && fault.CanReadOn && ++_badFramesInARow <= MostBadFrames)
        {
            SkipFrame(connection, reader, fault, ref buffer);
            return null;
        }

        if (Session is null || !fault.IsPayloadFault)
        {
            return RefuseFrame(connection, fault);
        }

        ref readonly var header = ref reader.WireHeader;
        var givesUp = Session.GivesUp(in header);
        ProxyLog.DamagedFrame(
            context.Logger, context.Name, header.SendSequence, connection.RemoteName, header, fault.Describe(),
            givesUp ? "It is given up" : "It is sent again");
        if (!givesUp)
        {
            return new ConnectionEnd(ConnectionEndCause.DamagedFrame, $"damaged frame: {fault.Describe()}");
        }

        reader.TakeDamaged(ref buffer, out var frame);
        Session.Refuse(in frame);
        return null;
    }

    // A frame whose header is sound and whose payload is not has commands whose callers wait: they hear that it failed.
    private void SkipFrame(ProxyConnection connection, FrameReader reader, FrameFault fault, ref ReadOnlySequence<byte> buffer)
    {
        _counters.Malformed++;
        ref readonly var header = ref reader.WireHeader;
        ProxyLog.FrameSkipped(context.Logger, context.Name, connection.RemoteName, header, fault.Describe());
        if (!fault.IsPayloadFault)
        {
            _counters.InvalidCommands++;
            reader.SkipMalformed(ref buffer);
            return;
        }

        reader.TakeDamaged(ref buffer, out var frame);
        _counters.InvalidCommands += frame.CommandCount;
        _refusal.Answer(in frame.Command, ErrorAcknowledgement.DefaultError);
        foreach (ref readonly var command in frame.GetBatch())
        {
            _refusal.Answer(in command, ErrorAcknowledgement.DefaultError);
        }
    }

    // False: the driver does not know this pair any more.
    private bool Deliver(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        _counters.CountCommand(command.DcId, command.Command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage, payload.Length);
        var error = _delivery.Deliver(in command, payload);
        if (error == DvkError.Ok)
        {
            _errorsInARow = 0;
            return true;
        }

        return HandleRefusal(in command, error);
    }

    private bool HandleRefusal(in CommandHeader command, DvkError error)
    {
        _counters.CommandErrors++;
        if (context.Binding.IsLost(DriverErrors.OfDelivery(error), ++_errorsInARow))
        {
            _counters.Lost++;
            EndUnbound();
            return false;
        }

        var isAnswered = _refusal.AnswerIfSilent(in command, error);
        ProxyLog.DeliveryRefused(
            context.Logger, context.Name, command, error.Describe(), new RefusalAdvice(context, command, error),
            isAnswered ? " Its caller is told." : "");
        return true;
    }

    private ConnectionEnd RefuseFrame(ProxyConnection connection, FrameFault fault)
    {
        _counters.Malformed++;
        var description = fault.Describe();
        ProxyLog.MalformedFrame(context.Logger, context.Name, connection.RemoteName, description);
        return new ConnectionEnd(ConnectionEndCause.MalformedFrame, $"malformed frame: {description}");
    }
}
