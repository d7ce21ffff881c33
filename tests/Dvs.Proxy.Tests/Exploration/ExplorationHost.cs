using System.Reflection;
using System.Runtime.Loader;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.Exploration.Rewriting;

namespace Dvs.Proxy.Tests.Exploration;

/// <summary>What an exploration found.</summary>
/// <param name="Failure">Null, or what fails and under which schedule.</param>
/// <param name="Schedules">Schedules that were run.</param>
/// <param name="Summary">For people.</param>
internal sealed record ExplorationResult(string? Failure, int Schedules, string Summary);

/// <summary>
/// Explores the scenarios on the rewritten library. It lives in a load context of its own, with a second copy of this assembly, so that the
/// scenarios use the library's types as any test does.
/// </summary>
internal static class ExplorationHost
{
    private static readonly Lazy<MethodInfo> Sound = new(static () => Load(null));
    private static readonly Lock OneAtATime = new();

    /// <summary>Explores a scenario of <see cref="ScenarioList"/>.</summary>
    public static ExplorationResult Explore(string scenario, ExplorationBounds bounds, Mutation? mutation = null)
    {
        lock (OneAtATime)
        {
            var entry = mutation is null ? Sound.Value : Load(mutation);
            object[] arguments =
            [
                scenario, bounds.Departures, bounds.Samples, bounds.FirstSeed, bounds.Seconds, bounds.Replay ?? "",
            ];
            var result = (object?[])entry.Invoke(null, arguments)!;
            return new ExplorationResult((string?)result[0], (int)result[1]!, (string)result[2]!);
        }
    }

    private static MethodInfo Load(Mutation? mutation)
    {
        var context = new RewrittenContext(mutation);
        return context.Tests.GetType(typeof(ScenarioList).FullName!)!.GetMethod(nameof(ScenarioList.Run), BindingFlags.Static | BindingFlags.NonPublic)!;
    }

    private sealed class RewrittenContext : AssemblyLoadContext
    {
        private readonly Assembly _library;

        public RewrittenContext(Mutation? mutation)
            : base("exploration")
        {
            using var library = new MemoryStream(Rewriter.Rewrite(typeof(ProxyPair).Assembly.Location, mutation));
            _library = LoadFromStream(library);
            Tests = LoadFromAssemblyPath(typeof(ScenarioList).Assembly.Location);
        }

        public Assembly Tests { get; }

        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name switch
        {
            "Dvs.Proxy" => _library,
            "Dvs.Proxy.Tests" => Tests,
            _ => null,
        };
    }
}

/// <summary>How far to explore.</summary>
internal sealed record ExplorationBounds(int Departures, int Samples = 0, int FirstSeed = 1, int Seconds = 60, string? Replay = null);
