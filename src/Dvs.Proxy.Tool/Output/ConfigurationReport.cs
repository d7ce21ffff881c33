using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tool.Output;

/// <summary>What <c>check-config</c> found in a file.</summary>
internal sealed record ConfigurationReport
{
    public required string File { get; init; }

    public required int Errors { get; init; }

    public required int Warnings { get; init; }

    public required IReadOnlyList<ConfigurationDiagnostic> Diagnostics { get; init; }

    /// <summary>Id of the local node; null where neither file nor user said it.</summary>
    public required int? NodeId { get; init; }

    public required string? NodeName { get; init; }

    public required string DataModel { get; init; }

    /// <summary>The peers with every default applied; empty where the file has errors.</summary>
    public required IReadOnlyList<ConfiguredPeer> Peers { get; init; }

    /// <param name="configuration">The file, read.</param>
    /// <param name="limits">The driver's limits.</param>
    /// <param name="localNodeId">The node; negative for what the file says.</param>
    public static ConfigurationReport Create(ClassicConfiguration configuration, DvsInfo limits, int localNodeId)
    {
        var diagnostics = configuration.Check(limits, localNodeId);
        var errors = diagnostics.Count(static item => item.Severity == ConfigurationSeverity.Error);
        var options = configuration.Options;
        var nodeId = localNodeId >= 0 ? localNodeId : options.NodeId;
        return new ConfigurationReport
        {
            File = configuration.FileName,
            Errors = errors,
            Warnings = diagnostics.Count - errors,
            Diagnostics = diagnostics,
            NodeId = nodeId,
            NodeName = options.NodeName,
            DataModel = options.DataModel.ToString(),
            Peers = errors > 0 ? [] : [.. options.Peers.Select(peer => ConfiguredPeer.Create(options, peer, nodeId))],
        };
    }
}

/// <summary>A peer of the file with its defaults applied.</summary>
internal sealed record ConfiguredPeer
{
    public required string Name { get; init; }

    public required int NodeId { get; init; }

    public required string Transport { get; init; }

    /// <summary>Where the sender connects to; the port is 0 while it depends on a node id that nobody said.</summary>
    public required string ConnectsTo { get; init; }

    public required string ListensOn { get; init; }

    /// <summary>Whether payloads are compressed; <see cref="PayloadCompression.Auto"/> in a session only.</summary>
    public required PayloadCompression Compress { get; init; }

    /// <summary>Whether commands go out in batches: in a session they do, whatever <c>batch</c> says.</summary>
    public required bool Batch { get; init; }

    public required bool AutoBind { get; init; }

    public required bool SendPid { get; init; }

    public static ConfiguredPeer Create(ProxyOptions options, PeerOptions peer, int? nodeId) => new()
    {
        Name = peer.Name,
        NodeId = peer.ProxyId,
        Transport = peer.Transport,
        ConnectsTo = Place(
            peer.ConnectPath, string.IsNullOrEmpty(peer.Host) ? peer.Name : peer.Host, peer.ConnectPort ?? (nodeId is { } id ? options.BasePort + id : 0)),
        ListensOn = Place(peer.ListenPath, IsAny(peer.ListenHost) ? null : peer.ListenHost, peer.ListenPort ?? options.BasePort + peer.ProxyId),
        Compress = peer is { UseSession: false, Compress: PayloadCompression.Auto } ? PayloadCompression.Off : peer.Compress,
        Batch = peer.Batch || (peer.UseSession && peer.MaxBatchCommands != 0),
        AutoBind = peer.AutoBind,
        SendPid = peer.FillInSourceProcessId,
    };

    private static bool IsAny(string? host) => string.IsNullOrEmpty(host) || host.Equals("ANY", StringComparison.OrdinalIgnoreCase);

    private static string Place(string? path, string? host, int port) =>
        (string.IsNullOrEmpty(path) ? new TransportEndpoint(host, port) : TransportEndpoint.AtPath(path)).ToString();
}
