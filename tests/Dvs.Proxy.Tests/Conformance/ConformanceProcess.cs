using System.Diagnostics;
using Dvs.Proxy.Conformance.Sections;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>Runs the conformance program, each section in a process of its own: the main thread of its process is one of the threads of the script.</summary>
internal static class ConformanceProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Letters of the sections, as data of theories.</summary>
    public static TheoryData<string> SectionNames { get; } = new(SectionList.All.Select(section => section.Name));

    /// <summary>Plays a section; the report on it must have no difference.</summary>
    public static void AssertConforms(string section, IReadOnlyDictionary<string, string> environment, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Dvs.Proxy.Conformance.dll"), "--sections", section, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"section {section} does not end:\n{output.Result}\n{errors.Result}");
        }

        Assert.True(process.ExitCode == 0, $"section {section} ends with exit code {process.ExitCode}:\n{output.Result}\n{errors.Result}");
        Assert.Matches($"(?m)^{section} +[1-9]", output.Result);
    }
}
