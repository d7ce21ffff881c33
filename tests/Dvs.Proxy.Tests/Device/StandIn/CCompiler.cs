using System.ComponentModel;
using System.Diagnostics;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>gcc with the headers of the C library. Packages of them differ, and a gcc without headers is as good as none.</summary>
internal static class CCompiler
{
    private static readonly Lazy<string?> Lack = new(FindLack);

    /// <summary>Skips the test where nothing can be compiled.</summary>
    internal static void Require() => Assert.SkipWhen(Lack.Value is not null, Lack.Value ?? "");

    /// <summary>Runs gcc on files, or on a source that is given to it.</summary>
    internal static (int ExitCode, string Messages) Run(IEnumerable<string> arguments, string source = "")
    {
        var start = new ProcessStartInfo("gcc") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var compiler = Process.Start(start)!;
        var errors = compiler.StandardError.ReadToEndAsync();
        var output = compiler.StandardOutput.ReadToEndAsync();
        using (compiler.StandardInput)
        {
            compiler.StandardInput.Write(source);
        }

        compiler.WaitForExit();
        return (compiler.ExitCode, output.Result + errors.Result);
    }

    private static string? FindLack()
    {
        try
        {
            var (exitCode, messages) = Run(["-x", "c", "-fsyntax-only", "-"], "#include <string.h>\n#include <linux/ioctl.h>\n");
            return exitCode == 0 ? null : $"gcc is installed, but not the headers of the C library (libc6-dev): {messages}";
        }
        catch (Win32Exception)
        {
            return "gcc is not installed.";
        }
    }
}
