using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Tool.Streams;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tool.Commands;

/// <summary>
/// Turns every failure into a message and an exit code. What a user causes or can mend is told as it is; everything else is a fault of ours: one
/// line too, which says how to get the stack trace.
/// </summary>
internal static class UserErrors
{
    /// <summary>Variable of the environment; set to 1, faults of the program come with their stack trace.</summary>
    public const string DetailsVariable = "DVS_PROXY_DETAILS";

    public static bool IsUserError(Exception exception) =>
        exception is HostException or DvkException or ConfigurationException or OptionsValidationException or ProxyTransportException;

    /// <summary>Runs a verb; a failure is printed to <see cref="Console.Error"/>.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (Exception exception)
        {
            return Report(exception);
        }
    }

    /// <summary>What no verb's thread sees: an exception on another thread ends the process with a message, too; one of a forgotten task is
    /// only told.</summary>
    public static void CatchTheRest()
    {
        AppDomain.CurrentDomain.UnhandledException += static (_, fault) =>
        {
            if (fault.ExceptionObject is Exception exception)
            {
                Environment.Exit(Report(exception));
            }
        };
        TaskScheduler.UnobservedTaskException += static (_, fault) =>
        {
            fault.SetObserved();
            Console.Error.WriteLine(DescribeFault(fault.Exception.Flatten().InnerException ?? fault.Exception));
        };
    }

    private static int Report(Exception exception)
    {
        switch (exception)
        {
            case OutputException { IsReaderGone: true }:
                return ExitCode.ReaderGone;
            case OutputException:
                Console.Error.WriteLine($"Standard output cannot be written: {exception.Message}.");
                return ExitCode.OutputFailed;
            case OperationCanceledException:
                Console.Error.WriteLine("Interrupted.");
                return ExitCode.Interrupted;
            case var _ when IsUserError(exception):
                Console.Error.WriteLine(exception is DvkException refusal ? refusal.OperatorMessage : exception.Message);
                return ExitCode.CannotRun;
            default:
                Console.Error.WriteLine(DescribeFault(exception));
                return ExitCode.InternalFault;
        }
    }

    private static string DescribeFault(Exception exception) => Environment.GetEnvironmentVariable(DetailsVariable) is "1"
        ? $"A fault of this program: {exception}"
        : $"A fault of this program: {exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")} With {DetailsVariable}=1 "
            + $"in the environment it says where.";
}
