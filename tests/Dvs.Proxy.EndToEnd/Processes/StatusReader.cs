using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>The status of hosts that are running, or about to be.</summary>
internal static class StatusReader
{
    /// <summary>Waits until a status, or that there is none (null), is as wished.</summary>
    /// <param name="socket">The host's status socket.</param>
    /// <param name="isWished">Whether it is.</param>
    /// <param name="processes">Whose output is shown where it never is.</param>
    public static Task<ProxyStatus?> UntilAsync(string socket, Func<ProxyStatus?, bool> isWished, params ChildProcess[] processes) => Limits.UntilAsync(
        async () =>
        {
            try
            {
                return (ProxyStatus?)(await StatusClient.ReadAsync(socket, CancellationToken.None)).Proxy;
            }
            catch (HostException)
            {
                return null; // not yet there
            }
        },
        isWished,
        $"the wished status on {socket}\n{string.Join('\n', processes.Select(static process => process.Describe()))}");

    /// <summary>Waits until the host answers.</summary>
    public static async Task<ProxyStatus> UntilAnsweredAsync(string socket, params ChildProcess[] processes) =>
        (await UntilAsync(socket, static status => status is not null, processes))!;
}
