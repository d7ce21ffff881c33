using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Answers a command of the peer that the driver does not get, or fails in silence, so that whoever waits for its outcome hears of it.
/// Receiver thread only. Behaviour: RefusedCommandTests, ThirdPartyCopyTests, DamagedFrameTests.
/// </summary>
internal sealed class ErrorAnswers(PairContext context)
{
    /// <summary>
    /// What a third-party copy is answered with while the driver is not known to survive it: EDVSNOSYS, not implemented. No check of a
    /// driver's copies answers so, which tells the requester that it is this node that does not do it, and not his request that is wrong.
    /// </summary>
    public const DvkError ThirdPartyCopyError = DvkError.NotImplemented;

    /// <summary>Answers a command with an error.</summary>
    /// <returns>Where the answer goes.</returns>
    public ErrorAcknowledgementRoute Answer(in CommandHeader command, DvkError error)
    {
        var route = ErrorAcknowledgement.Create(in command, context.Environment.LocalNodeId, error, out var acknowledgement);
        var isOnItsWay = route switch
        {
            ErrorAcknowledgementRoute.ToPeer => context.Outbox.TryPost(in acknowledgement),
            ErrorAcknowledgementRoute.ToLocalDriver => context.Device.PutToLocal(in acknowledgement, default) == DvkError.Ok,
            ErrorAcknowledgementRoute.ToRequesterNode => context.Environment.Router.TryPost(ref acknowledgement),
            _ => true,
        };
        if (!isOnItsWay)
        {
            ProxyLog.AnswerNotSent(context.Logger, context.Name, command);
        }

        return route;
    }

    /// <summary>
    /// Answers a command that the driver failed and will not answer itself, on classic links as well: what goes out is the acknowledgement
    /// that any driver sends for the errors it does answer.
    /// </summary>
    /// <returns>False if nobody waits for it, or the driver answers.</returns>
    public bool AnswerIfSilent(in CommandHeader command, DvkError error)
    {
        if (!DriverErrors.IsSilent(error) || !IsRequest(command.Command))
        {
            return false;
        }

        Volatile.Write(ref context.ReceiverCounters.AnsweredErrors, context.ReceiverCounters.AnsweredErrors + 1);
        Answer(in command, error);
        return true;
    }

    private static bool IsRequest(CommandCode command) => command
        is CommandCode.SendMessage or CommandCode.SendReceiveMessage or CommandCode.ReplyMessage
        or CommandCode.CopyInData or CommandCode.CopyOutRequest or CommandCode.CopyLocalRequest
        or CommandCode.CopyRemoteRequest or CommandCode.CopyInRequest;

    /// <summary>As <see cref="Answer"/> where a fault is being dealt with: another one is logged.</summary>
    public void TryAnswer(in CommandHeader command, DvkError error)
    {
        var copy = command;
        FaultBarrier.Run(context.Logger, "answering a command", () => Answer(in copy, error));
    }

    /// <summary>Answers a copy between two processes of this node that a process of the peer asks for.</summary>
    public void AnswerThirdPartyCopy(in CommandHeader command)
    {
        Answer(in command, ThirdPartyCopyError);
        context.ReceiverCounters.CopiesAnswered++;
        ProxyLog.ThirdPartyCopyAnswered(context.Logger, context.Name, command, ThirdPartyCopyError.Describe());
    }
}
