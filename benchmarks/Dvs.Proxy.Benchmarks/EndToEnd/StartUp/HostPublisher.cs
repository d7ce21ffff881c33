using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>A host program whose start-up is measured.</summary>
internal sealed record PublishedHost(string Name, string File);

/// <summary>Publishes the host the way its publish profiles say.</summary>
internal static class HostPublisher
{
    /// <summary>Published without a profile: compiled when it runs.</summary>
    public const string Jit = "Jit";

    /// <summary>One native program.</summary>
    public const string NativeAot = "NativeAot";

    private const string Project = "src/Dvs.Proxy.Tool";
    private const string Program = "dvs-proxy";

    /// <summary>What there is to measure; the profiles are files in Properties/PublishProfiles of the host.</summary>
    public static IReadOnlyList<string> Profiles { get; } = [Jit, "ReadyToRun", NativeAot];

    /// <summary>Publishes, into artifacts/publish of the repository.</summary>
    /// <returns>The program; null where it cannot be published, and then the reason is on the error output.</returns>
    public static PublishedHost? Publish(string profile)
    {
        var repository = Repository.Find()
            ?? throw new InvalidOperationException("The benchmark does not lie in its repository, so the host's sources cannot be found. Name published programs with --host.");
        var target = Path.Combine(repository, "artifacts", "publish", profile);
        string[] how = profile == Jit ? [] : [$"-p:PublishProfile={profile}"];
        var start = new ProcessStartInfo("dotnet", ["publish", Project, "-c", "Release", .. how, "-o", target])
        {
            WorkingDirectory = repository,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0)
        {
            return new PublishedHost(profile, Path.Combine(target, Program));
        }

        Console.Error.WriteLine($"{profile} is left out: publishing failed.\n{string.Join('\n', output.Split('\n').Where(static line => line.Contains("error", StringComparison.Ordinal)))}");
        return null;
    }
}
