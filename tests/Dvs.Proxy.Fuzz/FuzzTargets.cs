using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Fuzz.Targets.Sessions;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Fuzz;

/// <summary>
/// The targets by name, and entries that take one input each. The entries have the shape that SharpFuzz wants of a libFuzzer target
/// (<c>ReadOnlySpanAction</c>), so coverage-guided fuzzing needs three lines and no change here: instrument <c>Dvs.Proxy.dll</c> with the
/// <c>sharpfuzz</c> tool, reference SharpFuzz, and call <c>Fuzzer.LibFuzzer.Run(FuzzTargets.Frames)</c>. For afl-fuzz and other tools that
/// give an input on stdin there is <c>--stdin</c>. SharpFuzz itself is not referenced: it needs an instrumented copy of the library and a
/// native driver, while the runner here needs nothing.
/// </summary>
public static class FuzzTargets
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Factories = new(StringComparer.OrdinalIgnoreCase)
    {
        ["frames"] = static () => new FramesTarget(DataModel.Lp64),
        ["frames32"] = static () => new FramesTarget(DataModel.Ilp32),
        ["sessionframes"] = static () => new SessionFramesTarget(DataModel.Lp64),
        ["sessionframes32"] = static () => new SessionFramesTarget(DataModel.Ilp32),
        ["compact"] = static () => new CompactTarget(DataModel.Lp64),
        ["compact32"] = static () => new CompactTarget(DataModel.Ilp32),
        ["lz4"] = static () => new Lz4Target(),
        ["config"] = static () => new ConfigurationTarget(),
        ["session"] = static () => new SessionTarget(),
    };

    [ThreadStatic]
    private static Dictionary<string, FuzzTarget>? _own;

    /// <summary>The names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Factories.Keys];

    /// <summary>What makes targets of this name; one per thread.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static Func<FuzzTarget> Factory(string name) => Factories.TryGetValue(name, out var factory)
        ? factory
        : throw new ArgumentException($"There is no target '{name}'. There are: {string.Join(", ", Names)}.", nameof(name));

    /// <summary>Entry: frames in the LP64 layout.</summary>
    public static void Frames(ReadOnlySpan<byte> input) => Own("frames").Run(input);

    /// <summary>Entry: frames in the ILP32 layout.</summary>
    public static void Frames32(ReadOnlySpan<byte> input) => Own("frames32").Run(input);

    /// <summary>Entry: frames on the link of a session, in the LP64 layout.</summary>
    public static void SessionFrames(ReadOnlySpan<byte> input) => Own("sessionframes").Run(input);

    /// <summary>Entry: frames on the link of a session, in the ILP32 layout.</summary>
    public static void SessionFrames32(ReadOnlySpan<byte> input) => Own("sessionframes32").Run(input);

    /// <summary>Entry: the headers of a compact batch behind their count, in the LP64 layout.</summary>
    public static void Compact(ReadOnlySpan<byte> input) => Own("compact").Run(input);

    /// <summary>Entry: the headers of a compact batch behind their count, in the ILP32 layout.</summary>
    public static void Compact32(ReadOnlySpan<byte> input) => Own("compact32").Run(input);

    /// <summary>Entry: LZ4 frames, behind their announced length.</summary>
    public static void Lz4(ReadOnlySpan<byte> input) => Own("lz4").Run(input);

    /// <summary>Entry: a classic configuration file.</summary>
    public static void Configuration(ReadOnlySpan<byte> input) => Own("config").Run(input);

    /// <summary>Entry: what a peer says in a session.</summary>
    public static void Session(ReadOnlySpan<byte> input) => Own("session").Run(input);

    private static FuzzTarget Own(string name)
    {
        _own ??= [];
        if (!_own.TryGetValue(name, out var target))
        {
            _own[name] = target = Factory(name)();
        }

        return target;
    }
}
