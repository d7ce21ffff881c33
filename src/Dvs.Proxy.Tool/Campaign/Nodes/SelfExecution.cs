using System.Diagnostics;

namespace Dvs.MultiProxyHost.Campaign.Nodes;

/// <summary>How to start this program once more: by its own executable, or by the <c>dotnet</c> that runs its library.</summary>
internal static class SelfExecution
{
    public static ProcessStartInfo CreateStartInfo(IEnumerable<string> arguments)
    {
        var name = typeof(SelfExecution).Assembly.GetName().Name;
        var library = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        var program = Environment.ProcessPath ?? "dotnet";

        // Compiled ahead of time there is no library, and the program is the only one, whatever it was renamed to.
        var isOwnExecutable = Path.GetFileNameWithoutExtension(program) == name || !File.Exists(library);
        if (!isOwnExecutable && Path.GetFileNameWithoutExtension(program) != "dotnet")
        {
            // Loaded into another program, such as a test runner.
            program = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        }

        return new ProcessStartInfo(program, isOwnExecutable ? arguments : [library, .. arguments]) { UseShellExecute = false };
    }
}
