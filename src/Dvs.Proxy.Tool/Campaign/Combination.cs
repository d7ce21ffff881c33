namespace Dvs.Proxy.Tool.Campaign;

/// <summary>One setting of the three switches of the field notes, the same on both nodes.</summary>
internal sealed record Combination(bool Compress, bool Batch, bool AutoBind)
{
    /// <summary>All eight, in the order of the field notes: nothing first, everything last.</summary>
    public static IReadOnlyList<Combination> All { get; } =
    [
        .. from autoBind in new[] { false, true }
           from batch in new[] { false, true }
           from compress in new[] { false, true }
           select new Combination(compress, batch, autoBind),
    ];

    /// <inheritdoc/>
    public override string ToString()
    {
        string[] on = [.. new[] { (Compress, "compress"), (Batch, "batch"), (AutoBind, "autobind") }
            .Where(static item => item.Item1).Select(static item => item.Item2)];
        return on.Length == 0 ? "none" : string.Join('+', on);
    }
}
