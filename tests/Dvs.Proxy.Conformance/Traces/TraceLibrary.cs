namespace Dvs.Proxy.Conformance.Traces;

/// <summary>What is known of the real driver: the recorded sections, and those written by hand from its description.</summary>
internal sealed class TraceLibrary
{
    private readonly IReadOnlyList<TraceSection> _sections;

    public TraceLibrary(IReadOnlyList<TraceSection> sections) => _sections = sections;

    /// <summary>The traces that are part of this program.</summary>
    public static TraceLibrary Load() => new([.. Read("real.txt", isDescribed: false), .. Read("described.txt", isDescribed: true)]);

    /// <summary>A section as a driver with mended faults did it, or as the one that was published; where there is only one, that.</summary>
    /// <exception cref="KeyNotFoundException">There is no such section.</exception>
    public TraceSection Get(string name, bool published)
    {
        var variants = _sections.Where(section => section.Name == name).ToArray();
        return variants.Length == 0
            ? throw new KeyNotFoundException($"no trace has a section {name}")
            : variants.FirstOrDefault(section => section.IsPublished == published) ?? variants[0];
    }

    private static IReadOnlyList<TraceSection> Read(string name, bool isDescribed)
    {
        using var stream = typeof(TraceLibrary).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return TraceParser.Parse(reader, isDescribed);
    }
}
