using System.Globalization;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>What the command line asks for.</summary>
internal sealed record CutsOptions
{
    public const string Usage = """
        cuts [--seconds S] [--rounds N] [--warm S] [--only NAME[,NAME]] [--seed N] [--json FILE]
          --seconds   how long the connections are cut, and as long again undisturbed, per combination (60)
          --rounds    in so many slices, undisturbed and cut in turns (6)
          --warm      seconds of load before the first slice, not counted (5)
          --only      combinations by name: plain, batch, compress, md5, all
          --seed      repeats a run's cuts
        """;

    public double Seconds { get; init; } = 60;

    public int Rounds { get; init; } = 6;

    public double WarmSeconds { get; init; } = 5;

    public IReadOnlySet<string> Only { get; init; } = new HashSet<string>();

    public int Seed { get; init; } = Random.Shared.Next();

    public string? Json { get; init; }

    public static CutsOptions Parse(string[] arguments)
    {
        var options = new CutsOptions();
        for (var index = 0; index < arguments.Length; index++)
        {
            string Value() => ++index < arguments.Length ? arguments[index] : throw new ArgumentException($"{arguments[^1]} needs a value.\n{Usage}");
            options = arguments[index] switch
            {
                "--seconds" => options with { Seconds = Positive(Value()) },
                "--rounds" => options with { Rounds = (int)Positive(Value()) },
                "--warm" => options with { WarmSeconds = Positive(Value()) },
                "--only" => options with { Only = Names(Value()) },
                "--seed" => options with { Seed = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--json" => options with { Json = Value() },
                var unknown => throw new ArgumentException($"'{unknown}' is not known.\n{Usage}"),
            };
        }

        return options;
    }

    private static double Positive(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out var value) && value > 0 ? value : throw new ArgumentException($"'{text}' is no number above 0.\n{Usage}");

    private static HashSet<string> Names(string text)
    {
        var names = text.Split(',').ToHashSet();
        return names.Except(CutsCombination.All.Select(static combination => combination.Name)).FirstOrDefault() is { } unknown
            ? throw new ArgumentException($"'{unknown}' is no combination.\n{Usage}")
            : names;
    }
}
