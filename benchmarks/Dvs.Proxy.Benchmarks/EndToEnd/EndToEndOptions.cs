using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What the command line asks for.</summary>
internal sealed record EndToEndOptions
{
    public const string Usage = """
        e2e [--quick] [--rounds N] [--seconds S] [--only NAME[,NAME]] [--json FILE] [--svg FILE] [--commands N] [--pin] [--no-c] [--spin MICROSECONDS]
          --quick      short rounds, for a first look
          --only       scenarios by name, or memory, allocation
          --commands   commands for the allocation count (10,000,000; quick: 300,000)
          --pin        one core for each process (taskset)
          --no-c       the .NET limit program even where gcc is present
          --spin       how long the benchmark's driver looks for a command before it sleeps (0)
        e2e --draw FILE.json --svg FILE.svg   draws a picture of an earlier run
        """;

    public bool Quick { get; init; }

    public int Rounds { get; init; } = 5;

    public double Seconds { get; init; } = 3;

    public double WarmSeconds { get; init; } = 0.5;

    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    public string? Json { get; init; }

    public string? Svg { get; init; }

    public string? Draw { get; init; }

    public long Commands { get; init; } = 10_000_000;

    public bool Pin { get; init; }

    public bool AllowC { get; init; } = true;

    public int Spin { get; init; }

    public static EndToEndOptions Parse(string[] arguments)
    {
        var options = new EndToEndOptions();
        if (arguments.Contains("--quick"))
        {
            options = options with { Quick = true, Rounds = 3, Seconds = 0.5, WarmSeconds = 0.3, Commands = 300_000 };
        }

        for (var index = 0; index < arguments.Length; index++)
        {
            string Value() => ++index < arguments.Length ? arguments[index] : throw new ArgumentException($"{arguments[^1]} needs a value.\n{Usage}");
            options = arguments[index] switch
            {
                "--quick" => options,
                "--rounds" => options with { Rounds = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--seconds" => options with { Seconds = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--only" => options with { Only = Value().Split(',').ToHashSet() },
                "--json" => options with { Json = Value() },
                "--svg" => options with { Svg = Value() },
                "--draw" => options with { Draw = Value() },
                "--commands" => options with { Commands = long.Parse(Value(), CultureInfo.InvariantCulture) },
                "--pin" => options with { Pin = true },
                "--no-c" => options with { AllowC = false },
                "--spin" => options with { Spin = int.Parse(Value(), CultureInfo.InvariantCulture) },
                var unknown => throw new ArgumentException($"'{unknown}' is not known.\n{Usage}"),
            };
        }

        return options;
    }

    public bool Wants(string name) => Only.Count == 0 || Only.Contains(name);
}
