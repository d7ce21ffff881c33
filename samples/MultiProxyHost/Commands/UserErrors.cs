using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Options;

namespace Dvs.MultiProxyHost.Commands;

/// <summary>Turns the failures that a user causes, or can mend, into a message and exit code 2. Everything else is a fault of ours and keeps its stack trace.</summary>
internal static class UserErrors
{
    public static bool IsUserError(Exception exception) =>
        exception is HostException or DvkException or ConfigurationException or OptionsValidationException or ProxyTransportException;

    /// <summary>Runs a verb; a user's error is printed to <see cref="Console.Error"/>.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception exception) when (IsUserError(exception))
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return ExitCode.CannotRun;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return ExitCode.Interrupted;
        }
    }
}
