using System.Diagnostics;

namespace Dvs.MultiProxyHost.Campaign.Nodes;

/// <summary>How to start this program once more: by its own executable, or by the <c>dotnet</c> that runs its library.</summary>
internal static class SelfExecution
{
    public static ProcessStartInfo CreateStartInfo(IEnumerable<string> arguments)
    {
        var library = typeof(SelfExecution).Assembly.Location;
        var program = Environment.ProcessPath ?? "dotnet";
        var isOwnExecutable = Path.GetFileNameWithoutExtension(program) == typeof(SelfExecution).Assembly.GetName().Name;
        if (!isOwnExecutable && Path.GetFileNameWithoutExtension(program) != "dotnet")
        {
            // Loaded into another program, such as a test runner.
            program = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        }

        return new ProcessStartInfo(program, isOwnExecutable ? arguments : [library, .. arguments]) { UseShellExecute = false };
    }
}
