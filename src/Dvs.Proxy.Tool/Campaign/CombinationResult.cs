using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.Tool.Campaign;

/// <summary>Collects what the workloads of one combination did, and judges it.</summary>
internal sealed class CombinationResult(Combination combination)
{
    private readonly List<(WorkloadPlan Plan, WorkloadResult Server, WorkloadResult Client)> _workloads = [];

    public void Add(WorkloadPlan plan, WorkloadResult server, WorkloadResult client) => _workloads.Add((plan, server, client));

    /// <summary>The numbers, and every check that did not hold.</summary>
    public CombinationReport Judge(IReadOnlyList<NodeReport> nodes)
    {
        var pairs = nodes.SelectMany(static node => node.Proxy.Pairs).ToList();
        var received = pairs.ConvertAll(static pair => pair.Receiver);
        var sides = _workloads.SelectMany(static item => new[] { item.Server, item.Client }).ToList();
        var loads = _workloads.Where(static item => item.Plan is { ExpectedMessages: > 0, Pairs: > 1, Loops: > 1 }).ToList();
        var latency = _workloads.First(static item => item.Plan is { Kind: WorkloadKind.PingPong, Pairs: 1 }).Client;
        var report = new CombinationReport
        {
            Compress = combination.Compress,
            Batch = combination.Batch,
            AutoBind = combination.AutoBind,
            Messages = sides.Sum(static side => side.Messages),
            Blocks = sides.Sum(static side => side.Blocks),
            BlockBytes = sides.Sum(static side => side.BlockBytes),
            Errors = sides.Sum(static side => side.Errors),
            MessagesPerSecond = Divide(loads.Sum(static item => item.Server.Messages + item.Client.Messages),
                loads.Sum(static item => item.Client.ElapsedSeconds)),
            MegabytesPerSecond = Divide(sides.Sum(static side => side.BlockBytes), sides.Sum(static side => side.CopySeconds)) / 1e6,
            RoundTripMedian = latency.RoundTripMedian ?? 0,
            RoundTripP99 = latency.RoundTripP99 ?? 0,
            CompressionRatio = Divide(received.Sum(static receiver => receiver.RawBytes), received.Sum(static receiver => receiver.WireBytes)),
            Frames = received.Sum(static receiver => receiver.Frames),
            Batches = received.Sum(static receiver => receiver.Batches),
            AutoBinds = received.Sum(static receiver => receiver.AutoBinds),
            Failures = [],
        };
        return report with { Failures = [.. FailuresOfWorkloads(), .. FailuresOfProxies(report, pairs)] };
    }

    private IEnumerable<string> FailuresOfWorkloads()
    {
        foreach (var (plan, server, client) in _workloads)
        {
            foreach (var error in server.ErrorTexts.Concat(client.ErrorTexts))
            {
                yield return $"{plan.Kind}: {error}";
            }

            if (server.Messages + client.Messages != plan.ExpectedMessages)
            {
                yield return $"{plan.Kind}: {server.Messages + client.Messages} of {plan.ExpectedMessages} messages arrived as expected";
            }

            if (server.Blocks + client.Blocks != plan.ExpectedBlocks)
            {
                yield return $"{plan.Kind}: {server.Blocks + client.Blocks} of {plan.ExpectedBlocks} blocks arrived with the right MD5";
            }
        }
    }

    private IEnumerable<string> FailuresOfProxies(CombinationReport report, List<PairStatus> pairs)
    {
        if (combination.Compress && report.CompressionRatio <= 1)
        {
            yield return $"compress is on, but {report.CompressionRatio:0.000} bytes went in for each byte on the wire";
        }

        if (!combination.Compress && report.CompressionRatio != 1)
        {
            yield return $"compress is off, but raw and wire bytes differ (ratio {report.CompressionRatio:0.000})";
        }

        if (combination.Batch != report.Batches > 0)
        {
            yield return $"batch is {(combination.Batch ? "on" : "off")}, but {report.Batches} of {report.Frames} frames carried a batch";
        }

        var expectedAutoBinds = combination.AutoBind ? _workloads.Max(static item => item.Plan.UserClients) : 0;
        if (report.AutoBinds != expectedAutoBinds)
        {
            yield return $"autobind bound {report.AutoBinds} processes, expected {expectedAutoBinds}";
        }

        foreach (var pair in pairs)
        {
            foreach (var (name, direction) in new[] { ("sender", pair.Sender), ("receiver", pair.Receiver) })
            {
                if (direction.CommandErrors + direction.Lost + direction.Malformed + direction.Disconnects > 0)
                {
                    yield return $"{pair.Name}, {name}: {direction.CommandErrors} command errors, {direction.Lost} lost, "
                        + $"{direction.Malformed} malformed, {direction.Disconnects} disconnects ({direction.LastError})";
                }
            }
        }
    }

    private static double Divide(double dividend, double divisor) => divisor > 0 ? dividend / divisor : 0;
}
