using System.Diagnostics;
using Dvs.Proxy.Tool.Campaign.Nodes;
using Dvs.Proxy.Tool.Commands;

namespace Dvs.Proxy.Tool.Campaign;

/// <summary>Hears of the campaign's progress.</summary>
internal interface ICampaignListener
{
    /// <summary>Something is begun; in words for whoever watches.</summary>
    void OnStep(string step);

    /// <summary>A combination is done.</summary>
    void OnCombination(CombinationReport report);
}

/// <summary>
/// The verification campaign of the field notes: messages and blocks between two nodes, for every combination of compress, batch and
/// autobind. Each node is a process of its own with its own driver.
/// </summary>
internal sealed class VerificationCampaign(string device, bool verbose, ICampaignListener? listener)
{
    private static readonly WorkloadPlan[] Workloads =
    [
        new(WorkloadKind.PingPong, Pairs: 1, Loops: 2000),
        new(WorkloadKind.PingPong, Pairs: 4, Loops: 1000),
        new(WorkloadKind.OneWay, Pairs: 8, Loops: 1000),
        new(WorkloadKind.Notify, Pairs: 4, Loops: 500),
        new(WorkloadKind.ServerCopies, Pairs: 1, Loops: 3),
        new(WorkloadKind.ClientCopies, Pairs: 1, Loops: 3),
        new(WorkloadKind.ThirdPartyCopies, Pairs: 2, Loops: 2),
    ];

    private static readonly WorkloadPlan Closing = new(WorkloadKind.PingPong, Pairs: 2, Loops: 1);

    private readonly List<CombinationReport> _combinations = [];
    private readonly List<string> _failures = [];
    private IReadOnlyList<NodeReport> _nodes = [];
    private string _step = "start two node processes";

    /// <summary>Runs everything. Whatever goes wrong is part of the report.</summary>
    /// <param name="timeLimit">When to give up.</param>
    /// <param name="cancellation">Gives up at the user's wish.</param>
    /// <exception cref="OperationCanceledException">The user wished to end it.</exception>
    public async Task<CampaignReport> RunAsync(TimeSpan timeLimit, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeLimit);
        try
        {
            await RunAllAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            _failures.Add($"Not done within {timeLimit.TotalSeconds:0} s; stuck at: {_step}.");
        }
        catch (Exception exception) when (exception is NodeFailedException or HostException)
        {
            _failures.Add($"At {_step}: {exception.Message}");
        }

        return CampaignReport.Create(_combinations, _failures, _nodes, Stopwatch.GetElapsedTime(started));
    }

    private void Begin(string step)
    {
        _step = step;
        listener?.OnStep(step);
    }

    private async Task RunAllAsync(CancellationToken cancellation)
    {
        await using var nodes = TwoNodes.StartProcesses(device, verbose, static line => Console.Error.WriteLine(line));
        Begin("open the driver of each node");
        await nodes.OpenDriversAsync(cancellation);
        await WarmUpAsync(nodes, cancellation);
        foreach (var combination in Combination.All)
        {
            var name = $"combination {combination} ({_combinations.Count + 1} of {Combination.All.Count})";
            var report = await RunOneAsync(nodes, combination, name, cancellation);
            _combinations.Add(report);
            listener?.OnCombination(report);
        }
    }

    // Code that has not yet been compiled would make the first row slower than the others. Checked like them, but it has no row.
    private async Task WarmUpAsync(TwoNodes nodes, CancellationToken cancellation)
    {
        var report = await RunOneAsync(nodes, Combination.All[^1], "warm-up", cancellation);
        _failures.AddRange(report.Failures.Select(static failure => $"warm-up: {failure}"));
    }

    private async Task<CombinationReport> RunOneAsync(TwoNodes nodes, Combination combination, string name, CancellationToken cancellation)
    {
        var result = new CombinationResult(combination);
        Begin($"{name}, connect");
        await nodes.ConnectAsync(combination, cancellation);
        foreach (var plan in Workloads)
        {
            Begin($"{name}, {plan.Kind} with {plan.Pairs} pairs");
            var (server, client) = await nodes.RunAsync(plan, cancellation);
            result.Add(plan, server, client);
        }

        // Reports while the processes of one more workload are bound, so that the drivers' views have them.
        Begin($"{name}, report");
        await nodes.PrepareAsync(Closing, cancellation);
        _nodes = await nodes.ReportAsync(cancellation);
        var (lastServer, lastClient) = await nodes.RunPreparedAsync(cancellation);
        result.Add(Closing, lastServer, lastClient);
        Begin($"{name}, stop");
        await nodes.DisconnectAsync(cancellation);
        return result.Judge(_nodes);
    }
}
