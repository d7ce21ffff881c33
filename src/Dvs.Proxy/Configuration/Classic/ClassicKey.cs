namespace Dvs.Proxy.Configuration.Classic;

/// <summary>One key of a section: how it is written and what it does. The key tables are made of these.</summary>
/// <param name="Name">The key.</param>
/// <param name="Options">The option properties it sets.</param>
/// <param name="Values">What stands behind it, for messages and help.</param>
/// <param name="Default">What holds without it, for help.</param>
/// <param name="Description">What it means, for help.</param>
/// <param name="Read">Reads the values and sets the option. Reports what is wrong through the reader, and then sets nothing.</param>
internal sealed record ClassicKey<TOptions>(
    string Name,
    string[] Options,
    string Values,
    string Default,
    string Description,
    Action<ClassicValueReader, TOptions> Read)
{
    public string[] Aliases { get; init; } = [];

    public int MinValues { get; init; } = 1;

    public int MaxValues { get; init; } = 1;

    /// <summary>The value is a block in braces.</summary>
    public bool HasBlock { get; init; }

    /// <summary>Leaving it out takes the default, but earns a warning.</summary>
    public bool WarnIfMissing { get; init; }
}
