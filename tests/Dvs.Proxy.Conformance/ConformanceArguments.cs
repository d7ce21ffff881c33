namespace Dvs.Proxy.Conformance;

/// <summary>What was asked for on the command line.</summary>
internal sealed record ConformanceArguments
{
    public const string Emulated = "emulated";

    public string Device { get; init; } = Emulated;

    /// <summary>Letters of the sections; empty for all that may be played.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    public string? Record { get; init; }

    public bool Strict { get; init; }

    public bool Mended { get; init; }

    public bool IncludeHanging { get; init; }
}
