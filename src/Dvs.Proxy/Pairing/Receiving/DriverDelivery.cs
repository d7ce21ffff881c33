using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// Hands one command to the driver, and binds an unknown client of the peer on the way where autobind says so. A command that the driver is
/// not known to survive is answered instead. Receiver thread only. The payload comes in decoded and goes in decoded at the second try as
/// well: a second try with the compressed block is the fault that broke block transfers with compression and autobind in the field
/// (2021-11-15). Behaviour: DriverDeliveryTests, ThirdPartyCopyTests.
/// </summary>
internal sealed class DriverDelivery(PairContext context)
{
    /// <summary>Name that autobind gives to the processes it binds; classic tools look for it.</summary>
    private const string AutoBindName = "rclient";

    private readonly IDvkProxyCalls _device = context.Device;
    private readonly bool _autoBind = context.Peer.Options.AutoBind;
    private readonly bool _copiesForThirdParties = (context.Device.Fixes & DvkFixes.ThirdPartyCopy) != 0;
    private readonly ErrorAnswers _answers = new(context);

    /// <summary>Delivers; the result is the outcome of this command and no reason to close the connection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DvkError Deliver(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        if (command.Command == CommandCode.CopyLocalRequest && !_copiesForThirdParties)
        {
            _answers.AnswerThirdPartyCopy(in command);
            return DvkError.Ok;
        }

        return CopyInRequest.NeedsRepair(in command) ? PutRepaired(in command, payload) : PutToLocal(in command, payload);
    }

    // Out of line: the place of the copy on the stack would have to be cleared for every command.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private DvkError PutRepaired(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        var repaired = command;
        CopyInRequest.Repair(ref repaired);
        return PutToLocal(in repaired, payload);
    }

    private DvkError PutToLocal(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        var error = _device.PutToLocal(in command, payload);
        if (error == DvkError.Ok || !_autoBind || !TryAutoBind(in command, error))
        {
            return error;
        }

        return _device.PutToLocal(in command, payload);
    }

    private bool TryAutoBind(in CommandHeader command, DvkError error)
    {
        if (!DriverErrors.IsSourceUnknown(error)
            || !TryGetDc(command.DcId, out var firstUser, out var maxTasks)
            || command.SourceEndpoint <= firstUser)
        {
            return false;
        }

        if (error != DvkError.NotBind && !UnbindOld(command.DcId, command.SourceEndpoint, maxTasks))
        {
            return false;
        }

        var request = BindRequest.Remote(command.DcId, command.SourceEndpoint, command.SourceNode, AutoBindName);
        if (_device.TryBind(in request, out var endpoint) < DvkError.Ok)
        {
            return false;
        }

        if (endpoint != command.SourceEndpoint)
        {
            _device.TryUnbind(command.DcId, endpoint, timeoutMilliseconds: 0);
            return false;
        }

        context.ReceiverCounters.AutoBinds++;
        ProxyLog.AutoBound(context.Logger, context.Name, endpoint, command.DcId);
        return true;
    }

    // The slot may hold another generation than the one that came, so the endpoint to unbind is the slot's, not the command's.
    private bool UnbindOld(int dcId, int endpoint, int maxTasks)
    {
        try
        {
            var process = _device.GetProcessInfo(dcId, EndpointNumber.FromEndpoint(endpoint, maxTasks));

            // A local process is never thrown out for a remote one's sake.
            return (process.Status & ProcessStatus.Remote) != 0
                && _device.TryUnbind(dcId, process.Endpoint, timeoutMilliseconds: 0) == DvkError.Ok;
        }
        catch (DvkException)
        {
            return false;
        }
    }

    private bool TryGetDc(int dcId, out int firstUser, out int maxTasks)
    {
        try
        {
            var info = _device.GetDcInfo(dcId);
            (firstUser, maxTasks) = (info.FirstUserProcess, info.MaxTasks);
            return info.IsRunning;
        }
        catch (DvkException)
        {
            (firstUser, maxTasks) = (0, 0);
            return false;
        }
    }
}
