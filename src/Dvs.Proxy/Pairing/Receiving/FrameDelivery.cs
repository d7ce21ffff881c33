using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Hands the commands of a frame to the driver, one by one, and owns what an error of the driver leads to: it is the outcome of one
/// command, unless it says that the pair is not bound any more. Receiver thread only. Behaviour: RefusedCommandTests, SurvivalTests,
/// DriverErrorsTests.
/// </summary>
internal sealed class FrameDelivery(PairContext context, SessionFilter? session)
{
    private static readonly ConnectionEnd Unbound = new(ConnectionEndCause.Unbound, "the pair is no longer bound to the driver");

    private readonly DirectionCounters _counters = context.ReceiverCounters;
    private readonly DriverDelivery _driver = new(context);
    private readonly ErrorAnswers _answers = new(context);
    private int _errorsInARow;
    private ThreadOwner _owner;

    /// <summary>Delivers a frame. Returns why the connection has to end; null if it goes on.</summary>
    public ConnectionEnd? Deliver(in Frame frame)
    {
        _owner.Check();
        var before = _counters.Commands;
        try
        {
            return DeliverCommands(in frame);
        }
        catch
        {
            GiveUpRest(in frame, (int)(_counters.Commands - before));
            throw;
        }
    }

    // A frame of a session whose delivery met a fault is not to come again: what was delivered of it would be delivered twice. The command
    // that met the fault counts as begun: nobody knows whether the driver has it.
    private void GiveUpRest(in Frame frame, int begun)
    {
        _counters.UnknownFate++;
        _counters.Lost += frame.CommandCount - Math.Max(begun, 1);
        session?.GiveUpRest(in frame, Math.Max(begun, 1));
    }

    private ConnectionEnd? DeliverCommands(in Frame frame)
    {
        if (!DeliverCommand(in frame.Command, frame.Payload))
        {
            return Unbound;
        }

        if (frame.CommandCount > 1)
        {
            _counters.Batches++;
            return session is null ? DeliverClassicBatch(in frame) : DeliverBatch(in frame);
        }

        return null;
    }

    private ConnectionEnd? DeliverBatch(in Frame frame)
    {
        foreach (ref readonly var command in frame.GetBatch())
        {
            if (!DeliverCommand(in command, default))
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
                LeaveOut(in batch.Current, batch.Fault);
            }
            else if (!DeliverCommand(in batch.Current, default))
            {
                return Unbound;
            }
        }

        return null;
    }

    private void LeaveOut(in CommandHeader command, FrameFault fault)
    {
        _counters.InvalidCommands++;
        if (fault.Kind == FrameFaultKind.NotBatchable)
        {
            _answers.Answer(in command, ErrorAcknowledgement.DefaultError);
        }

        ProxyLog.BatchedCommandLeftOut(context.Logger, context.Name, command, fault.Describe());
    }

    // Returns false if the driver does not know this pair any more.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool DeliverCommand(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        _counters.CountCommand(command.DcId, command.Command.IsMessage(), payload.Length);
        var error = _driver.Deliver(in command, payload);
        if (error == DvkError.Ok)
        {
            _errorsInARow = 0;
            return true;
        }

        return OnDriverError(in command, error);
    }

    private bool OnDriverError(in CommandHeader command, DvkError error)
    {
        _counters.CommandErrors++;
        if (context.Binding.CheckLost(DriverErrors.Of(DriverCall.Delivery, error), ++_errorsInARow))
        {
            _counters.Lost++;
            context.EndUnbound("receiver");
            return false;
        }

        var isAnswered = _answers.AnswerIfSilent(in command, error);
        ProxyLog.DeliveryFailed(
            context.Logger, context.Name, command, error.Describe(), new DriverErrorAdvice(context, command, error),
            isAnswered ? " Its caller is told." : "");
        return true;
    }
}
