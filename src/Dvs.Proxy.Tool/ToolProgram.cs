using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.Tool;

/// <summary>
/// The command <c>dvs-proxy</c> as a whole, for a program that has a few verbs of its own and hands over the rest. It owns the process's
/// standard streams and what becomes of unhandled exceptions from the first call on. Behaviour: UsageTests, HandOverTests.
/// </summary>
public static class ToolProgram
{
    /// <summary>Does what the command line says; to be called once, from the main thread.</summary>
    /// <param name="arguments">The command line; an empty one runs the verification campaign.</param>
    /// <returns>The exit code for the process.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        HostStreams.Install();
        UserErrors.CatchTheRest();
        var exitCode = await UserErrors.GuardAsync(() => ToolCommandLine.InvokeAsync(arguments));
        HostStreams.Drain();
        return exitCode;
    }
}
