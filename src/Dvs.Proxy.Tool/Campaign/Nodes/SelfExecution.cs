using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>
/// How to start the tool once more: by its own executable; or, where it is a part of another program (one that hands over to
/// <see cref="ToolProgram"/>, a test runner), by the <c>dotnet</c> that runs its library. Stateless. Behaviour: HandOverTests.
/// </summary>
internal static class SelfExecution
{
    /// <summary>A process with these arguments of the tool, not yet started.</summary>
    public static ProcessStartInfo CreateStartInfo(IEnumerable<string> arguments)
    {
        var name = typeof(SelfExecution).Assembly.GetName().Name;
        var library = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        var program = Environment.ProcessPath ?? "dotnet";

        // Compiled ahead of time there is no library, and the program is the only one, whatever it was renamed to.
        var isOwnExecutable = Path.GetFileNameWithoutExtension(program) == name || !File.Exists(library);
        if (!isOwnExecutable && Path.GetFileNameWithoutExtension(program) != "dotnet")
        {
            program = FindDotnet();
        }

        return new ProcessStartInfo(program, isOwnExecutable ? arguments : [library, .. arguments]) { UseShellExecute = false };
    }

    // The one that started the program says so; else the one whose runtime this is; else that of the path.
    private static string FindDotnet()
    {
        var ofRuntime = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? (File.Exists(ofRuntime) ? ofRuntime : "dotnet");
    }
}
