using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What the command line of the start-up benchmark asks for.</summary>
internal sealed record StartUpOptions
{
    public const string Usage = """
        startup [--rounds N] [--profile NAME[,NAME]] [--host NAME=FILE]... [--json FILE]
          --rounds    measured starts of each (15); two more come before and do not count
          --profile   what to publish and measure: Jit, ReadyToRun, NativeAot (all)
          --host      a published dvs-proxy program, measured under this name; without --profile nothing is published then
        """;

    public int Rounds { get; init; } = 15;

    public IReadOnlyList<string> Profiles { get; init; } = [];

    public IReadOnlyList<PublishedHost> Hosts { get; init; } = [];

    public string? Json { get; init; }

    /// <exception cref="ArgumentException">The arguments are not understood; the message says why.</exception>
    /// <exception cref="FormatException">A number is none.</exception>
    public static StartUpOptions Parse(string[] arguments)
    {
        var options = new StartUpOptions();
        for (var index = 0; index < arguments.Length; index++)
        {
            var name = arguments[index];
            string Value() => ++index < arguments.Length ? arguments[index] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--rounds" => options with { Rounds = Math.Max(1, int.Parse(Value(), CultureInfo.InvariantCulture)) },
                "--profile" => options with { Profiles = [.. options.Profiles, .. Value().Split(',').Select(FindProfile)] },
                "--host" => options with { Hosts = [.. options.Hosts, ToHost(Value())] },
                "--json" => options with { Json = Value() },
                _ => throw new ArgumentException($"'{name}' is not known."),
            };
        }

        return options.Profiles.Count == 0 && options.Hosts.Count == 0 ? options with { Profiles = HostPublisher.Profiles } : options;
    }

    private static string FindProfile(string name) =>
        HostPublisher.Profiles.FirstOrDefault(profile => profile.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no profile '{name}'; there are {string.Join(", ", HostPublisher.Profiles)}.");

    private static PublishedHost ToHost(string text)
    {
        var (name, file) = text.Split('=', 2) is [var before, var after] ? (before, after) : (text, text);
        return File.Exists(file) ? new PublishedHost(name, Path.GetFullPath(file)) : throw new ArgumentException($"There is no file {file}.");
    }
}
