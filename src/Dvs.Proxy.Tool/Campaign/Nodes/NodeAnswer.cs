using System.Text.Json.Serialization;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>A node's answer: one JSON line on its standard output.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(WorkloadResult), "workload")]
[JsonDerivedType(typeof(NodeReport), "report")]
internal abstract record NodeAnswer;

/// <summary>It is done.</summary>
internal sealed record Done : NodeAnswer;

/// <summary>It could not be done.</summary>
/// <param name="Reason">Why, for people.</param>
/// <param name="IsPortTaken">Another program took the port meanwhile: worth another try with another port.</param>
internal sealed record Failed(string Reason, bool IsPortTaken) : NodeAnswer;

/// <summary>What one side of a workload did.</summary>
internal sealed record WorkloadResult : NodeAnswer
{
    /// <summary>Messages that arrived and were as expected.</summary>
    public required long Messages { get; init; }

    /// <summary>Blocks that arrived with the MD5 their source announced.</summary>
    public required long Blocks { get; init; }

    /// <summary>Bytes of these blocks.</summary>
    public required long BlockBytes { get; init; }

    /// <summary>What went wrong, counted.</summary>
    public required long Errors { get; init; }

    /// <summary>The first few of it, in words.</summary>
    public required IReadOnlyList<string> ErrorTexts { get; init; }

    /// <summary>From the start barrier to the stop barrier, as the client's main process saw it; 0 on the server's side.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>Time the requesters spent in vcopy.</summary>
    public required double CopySeconds { get; init; }

    /// <summary>Median round trip of sendrec in microseconds; null where none was measured.</summary>
    public double? RoundTripMedian { get; init; }

    /// <summary>99th percentile of the same.</summary>
    public double? RoundTripP99 { get; init; }
}

/// <summary>What a node's proxy and driver see.</summary>
internal sealed record NodeReport : NodeAnswer
{
    /// <summary>The node.</summary>
    public required int NodeId { get; init; }

    /// <summary>Linux pid of its process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The proxy.</summary>
    public required ProxyStatus Proxy { get; init; }

    /// <summary>The driver's text views by their path below <c>/proc/dvs</c>.</summary>
    public required IReadOnlyDictionary<string, string> Views { get; init; }
}
