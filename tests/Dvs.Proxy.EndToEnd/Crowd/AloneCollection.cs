namespace Dvs.Proxy.EndToEnd.Crowd;

/// <summary>Tests that count what the whole process has: no others run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
