using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>A verb with its arguments: for a driver of this process, or one JSON line for that of a running host.</summary>
internal sealed record OperatorRequest
{
    public required OperatorVerb Verb { get; init; }

    /// <summary>The DC, for the verbs that concern one; null in <see cref="OperatorVerb.DcInfo"/> for all that run.</summary>
    public int? DcId { get; init; }

    /// <summary>Node, proxy pair or process, as the verb wants; null in the info verbs for all in use.</summary>
    public int? Number { get; init; }

    /// <summary>Limits of <see cref="OperatorVerb.DvsInit"/>.</summary>
    public DvsInfo? Dvs { get; init; }

    /// <summary>What <see cref="OperatorVerb.DcInit"/> was told; the rest is as large as the DVS allows.</summary>
    public DcLimits? Dc { get; init; }
}

/// <summary>Name and limits of a new DC, and whom it tells of processes that end; null is the DVS's own limit, and nobody.</summary>
internal sealed record DcLimits(string? Name, int? Processes, int? Tasks, int? SystemProcesses, int? Nodes)
{
    public int? WarnEndpoint { get; init; }

    public int? WarnMessageType { get; init; }
}
