using System.Text.Json.Serialization;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>What came of an <see cref="OperatorRequest"/>; the document of <c>--format json</c>. Parts that do not apply are left out.</summary>
internal sealed record OperatorAnswer
{
    /// <summary>What was changed, in a sentence.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Done { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DvsRecord? Dvs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<DcRecord>? Dcs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<NodeRecord>? Nodes { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProxyInfo>? Proxies { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProcessInfo>? Processes { get; init; }

    /// <summary>Why it was not done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OperatorFailure? Failure { get; init; }
}

/// <summary>The DVS on this node.</summary>
internal sealed record DvsRecord(int NodeId, DvsInfo Info);

/// <summary>A DC, with its bitmap of nodes spelled out.</summary>
internal sealed record DcRecord(IReadOnlyList<int> NodeIds, DcInfo Info);

/// <summary>A node, with its bitmap of DCs spelled out.</summary>
internal sealed record NodeRecord(bool IsLocal, IReadOnlyList<int> DcIds, NodeInfo Info);

/// <summary>A refusal.</summary>
internal sealed record OperatorFailure
{
    /// <summary>The driver's number: <c>-325</c>; 0 where it was not the driver that refused.</summary>
    public int Code { get; init; }

    /// <summary>Its C name: <c>EDVSNODEFREE</c>.</summary>
    public string? Name { get; init; }

    /// <summary>What that means.</summary>
    public string? Meaning { get; init; }

    /// <summary>What was tried.</summary>
    public required string Attempted { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }

    /// <summary>Commands that do it, in order.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>All but the commands in one text.</summary>
    public required string Message { get; init; }
}
