namespace Dvs.Proxy.Conformance;

/// <summary>What was asked for on the command line.</summary>
internal sealed record ConformanceArguments
{
    public const string Emulated = "emulated";

    /// <summary><see cref="Emulated"/>, or a path.</summary>
    public string Device { get; init; } = Emulated;

    public bool IsEmulated => Device == Emulated;

    /// <summary>Letters of the sections; empty for all that may be played.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>File for a raw trace.</summary>
    public string? Record { get; init; }

    /// <summary>The emulation blocks as the driver as published does, and is compared with it.</summary>
    public bool IsStrict { get; init; }

    /// <summary>The module is known to have its two faults mended.</summary>
    public bool IsMended { get; init; }

    /// <summary>Sections that leave threads in the module until a reboot are played too.</summary>
    public bool IncludesHanging { get; init; }
}
