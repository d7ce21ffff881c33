using System.Buffers;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Decides what becomes of a frame that is not fit for the driver. On a classic link it is skipped and its callers hear that it failed; in
/// a session the connection is closed and the frame comes again, but not for ever; where not even its end is known, the connection is
/// closed. Owns how many came in a row. Receiver thread only. Behaviour: DamagedFrameTests, PoisonFrameTests, ClassicPeerTests.
/// </summary>
internal sealed class UnfitFrames(PairContext context, ConnectionHandover handover, SessionFilter? session)
{
    /// <summary>A classic peer that sends nothing but bad frames has lost its place in its own stream.</summary>
    internal const int MostInARow = 16;

    private readonly DirectionCounters _counters = context.ReceiverCounters;
    private readonly ErrorAnswers _answers = new(context);
    private int _inARow;
    private ThreadOwner _owner;

    /// <summary>A frame came that is fit for the driver.</summary>
    public void OnFit() => _inARow = 0;

    /// <summary>The reader has found a frame unfit. Returns why the connection has to end; null if the frame was taken off the
    /// input.</summary>
    public ConnectionEnd? OnUnfit(FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        _owner.Check();
        var fault = reader.Fault;
        if (session is not null)
        {
            return fault.IsPayloadFault ? OnDamaged(session, reader, fault, ref buffer)
                : fault.CanReadOn ? OnPoison(session, reader, fault, ref buffer)
                : CloseMalformed(fault);
        }

        if (!fault.CanReadOn || ++_inARow > MostInARow)
        {
            return CloseMalformed(fault);
        }

        Skip(reader, fault, ref buffer);
        return null;
    }

    private ConnectionEnd? OnDamaged(SessionFilter filter, FrameReader reader, FrameFault fault, ref ReadOnlySequence<byte> buffer)
    {
        ref readonly var header = ref reader.WireHeader;
        var isLast = filter.OnUnfit(in header);
        ProxyLog.DamagedFrame(
            context.Logger, context.Name, header.SendSequence, RemoteName, header, fault.Describe(),
            isLast ? "It is given up" : "It is sent again");
        if (!isLast)
        {
            return new ConnectionEnd(ConnectionEndCause.DamagedFrame, $"damaged frame: {fault.Describe()}");
        }

        reader.TakeDamaged(ref buffer, out var frame);
        filter.GiveUp(in frame);
        return null;
    }

    // The peer meant it so, and means it so every time. An answer goes to the peer's node or to a process here: one that names another node
    // has nobody who could be told.
    private ConnectionEnd? OnPoison(SessionFilter filter, FrameReader reader, FrameFault fault, ref ReadOnlySequence<byte> buffer)
    {
        ref readonly var header = ref reader.WireHeader;
        if (!filter.OnUnfit(in header))
        {
            return CloseMalformed(fault);
        }

        _counters.Malformed++;
        _counters.InvalidCommands++;
        ProxyLog.FrameGivenUp(context.Logger, context.Name, header.SendSequence, RemoteName, header, fault.Describe());
        filter.GiveUp(
            in header, fault.Kind is not (FrameFaultKind.WrongSourceNode or FrameFaultKind.WrongDestinationNode),
            context.Layout.HeaderSize + header.PayloadLength);
        reader.SkipMalformed(ref buffer);
        return null;
    }

    // A frame whose header is sound and whose payload is not has commands whose callers wait: they hear that it failed.
    private void Skip(FrameReader reader, FrameFault fault, ref ReadOnlySequence<byte> buffer)
    {
        _counters.Malformed++;
        ref readonly var header = ref reader.WireHeader;
        ProxyLog.FrameSkipped(context.Logger, context.Name, RemoteName, header, fault.Describe());
        if (!fault.IsPayloadFault)
        {
            _counters.InvalidCommands++;
            reader.SkipMalformed(ref buffer);
            return;
        }

        reader.TakeDamaged(ref buffer, out var frame);
        _counters.InvalidCommands += frame.CommandCount;
        _answers.Answer(in frame.Command, ErrorAcknowledgement.DefaultError);
        foreach (ref readonly var command in frame.GetBatch())
        {
            _answers.Answer(in command, ErrorAcknowledgement.DefaultError);
        }
    }

    private ConnectionEnd CloseMalformed(FrameFault fault)
    {
        _counters.Malformed++;
        var description = fault.Describe();
        ProxyLog.MalformedFrame(context.Logger, context.Name, RemoteName, description);
        return new ConnectionEnd(ConnectionEndCause.MalformedFrame, $"malformed frame: {description}");
    }

    private string RemoteName => handover.InUse!.RemoteName;
}
