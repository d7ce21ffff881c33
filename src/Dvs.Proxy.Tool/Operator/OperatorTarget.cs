using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>
/// The driver an operator's verb is for. A kernel driver outlives processes: the verb opens it itself. An emulated one lives in the process of
/// a host started with <c>run</c>: the verb asks that host.
/// </summary>
/// <param name="Device">As for <c>--device</c>.</param>
/// <param name="Fixes">As for <c>--driver-fixes</c>.</param>
/// <param name="Socket">Status socket of the host; null for the only one of this user.</param>
internal sealed record OperatorTarget(string Device, DvkFixes? Fixes, string? Socket)
{
    /// <exception cref="HostException">The driver, or the host, cannot be had.</exception>
    /// <exception cref="DvkUnavailableException">The driver cannot be used.</exception>
    public async Task<OperatorAnswer> AskAsync(OperatorRequest request, CancellationToken cancellation)
    {
        var answer = await SendAsync(request, cancellation);
        return answer.Failure is { } failure
            ? answer with
            {
                Failure = failure with
                {
                    Commands = [.. failure.Commands
                .Select(command => command.Replace("DEVICE", Device, StringComparison.Ordinal))]
                }
            }
            : answer;
    }

    private async Task<OperatorAnswer> SendAsync(OperatorRequest request, CancellationToken cancellation)
    {
        if (!DeviceFactory.IsEmulated(Device))
        {
            using var device = DeviceFactory.Open(Device, null, Fixes);
            return OperatorCalls.Answer(device, request);
        }

        try
        {
            return await StatusClient.OperateAsync(Socket ?? StatusSocketPath.Find(nodeId: null), request, cancellation);
        }
        catch (HostException failure)
        {
            throw new HostException($"{failure.Message}{Environment.NewLine}An emulated driver lives in the process of its host, which "
                + $"makes it a node by itself: there is nothing to operate without one.", failure);
        }
    }
}
