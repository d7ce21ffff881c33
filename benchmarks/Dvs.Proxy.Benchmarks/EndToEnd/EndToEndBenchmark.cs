using System.Runtime.InteropServices;
using System.Text.Json;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The end-to-end benchmark: all scenarios, round by round, limit and ours right after each other.</summary>
internal sealed class EndToEndBenchmark : IDisposable
{
    public const string Verb = "e2e";

    /// <summary>What is measured beside the scenarios: memory of idle pairs.</summary>
    public const string Memory = "memory";

    /// <summary>What is measured beside the scenarios: allocation over many commands.</summary>
    public const string Allocation = "allocation";

    private static readonly JsonSerializerOptions JsonOptions = new() { WriteIndented = true };

    private readonly EndToEndOptions _options;
    private readonly DirectoryInfo _directory;
    private readonly LimitProgram _limit;
    private readonly SystemCallCounter _systemCalls;
    private readonly LineProcess? _line;

    private EndToEndBenchmark(EndToEndOptions options)
    {
        _options = options;
        _directory = Directory.CreateTempSubdirectory("dvs-e2e-");
        _limit = LimitProgram.Prepare(_directory.FullName, options.AllowC);
        _systemCalls = SystemCallCounter.Find();
        _line = options.HasRelay ? new LineProcess(options.Line!) : null;
    }

    /// <param name="command">The command line, for the report.</param>
    /// <param name="options">What it asks for.</param>
    /// <returns>0; 1 where the run failed.</returns>
    public static int Run(string command, EndToEndOptions options)
    {
        if (options.Draw is not null)
        {
            Draw(Read(options.Draw), options.Svg ?? Path.ChangeExtension(options.Draw, ".svg"));
            return 0;
        }

        using var benchmark = new EndToEndBenchmark(options);
        RunResult result;
        try
        {
            result = benchmark.Measure(command);
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException)
        {
            Console.Error.WriteLine($"\nThe run failed. {failure.Message}");
            return 1;
        }

        ResultTable.Write(Console.Out, result);
        if (options.Baseline is not null)
        {
            ResultTable.WriteComparison(Console.Out, Read(options.Baseline), result);
        }

        if (options.Json is not null)
        {
            CreateDirectoryOf(options.Json);
            File.WriteAllText(options.Json, JsonSerializer.Serialize(result, JsonOptions));
        }

        if (options.Svg is not null)
        {
            Draw(result, options.Svg);
        }

        return 0;
    }

    public void Dispose()
    {
        _line?.Dispose();
        _directory.Delete(recursive: true);
    }

    private static RunResult Read(string file) => JsonSerializer.Deserialize<RunResult>(File.ReadAllText(file))!;

    private RunResult Measure(string command)
    {
        var result = new RunResult
        {
            Command = command,
            At = DateTimeOffset.UtcNow,
            Machine = MachineDescription.Get(),
            Runtime = RuntimeInformation.FrameworkDescription,
            Limit = _limit.Description,
            Pinning = _options.Pin ? "sender on core 0, receiver on core 1" : "not pinned",
            SystemCallCounter = _systemCalls.Name,
        };
        Console.WriteLine($"{result.Machine}; {result.Runtime}; limit program: {result.Limit}; {result.Pinning}");
        using (var sender = CreateNode("sender", 0))
        using (var receiver = CreateNode("receiver", 1))
        {
            MeasureScenarios(result, sender, receiver);
        }

        if (_options.Wants(Memory))
        {
            result.Memory = MeasureMemory();
        }

        if (_options.Wants(Allocation))
        {
            result.Allocation = MeasureAllocation();
        }

        Progress("");
        return result;
    }

    private void MeasureScenarios(RunResult result, NodeProcess sender, NodeProcess receiver)
    {
        var runner = new ScenarioRunner(sender, receiver, _options, _line);
        List<(Scenario Scenario, List<Round> Rounds)> all = [.. Scenario.All.Where(scenario => _options.Wants(scenario.Name)).Select(static scenario => (scenario, new List<Round>()))];
        foreach (var (scenario, _) in all)
        {
            // Compiles what there is to compile; not counted.
            Progress($"warm-up: {scenario.Name}");
            runner.Run(scenario);
        }

        for (var round = 1; round <= _options.Rounds; round++)
        {
            foreach (var (scenario, rounds) in all)
            {
                Progress($"round {round} of {_options.Rounds}: {scenario.Name}");
                var limit = MeasureLimit(scenario, sender);
                rounds.Add(ToRound(scenario, runner.Run(scenario), limit));
            }
        }

        foreach (var (scenario, rounds) in all)
        {
            var entry = new ScenarioResult(
                scenario.Name, scenario.Title, (scenario.IsLimitedByCompression ? "slower of LZ4 alone and " : "") + $"bare sockets, {scenario.Limit.Name}", scenario.Target, rounds)
            {
                LongestPing = scenario.Flow.Kind == FlowKind.PingBesideBulk ? _options.Line?.LongestPing(scenario.CommandSize) : null,
            };
            if (_systemCalls.IsPresent)
            {
                Progress($"system calls: {scenario.Name}");
                (entry.SenderSystemCalls, entry.ReceiverSystemCalls) = CountSystemCalls(scenario, runner, sender, receiver);
            }

            result.Scenarios.Add(entry);
        }

        Progress("");
    }

    private RoundSide MeasureLimit(Scenario scenario, NodeProcess node)
    {
        var sockets = MeasureSockets(scenario);
        if (!scenario.IsLimitedByCompression)
        {
            return sockets;
        }

        var alone = node.Ask(new NodeRequest(NodeVerb.Compress) { Content = scenario.Flow.Content, Seconds = _options.Seconds });
        var compression = new RoundSide(alone.Sent / alone.Seconds, alone.SentBytes / alone.Seconds / 1e6, PerMillion(alone.Cpu, alone.Sent), 0, default);
        return compression.MegaBytes < sockets.MegaBytes ? compression : sockets;
    }

    private RoundSide MeasureSockets(Scenario scenario)
    {
        var (connecting, accepting) = _limit.Run(scenario.Limit, TimeSpan.FromSeconds(_options.WarmSeconds), TimeSpan.FromSeconds(_options.Seconds), _options.Pin, _line);
        double Commands(long bytes) => bytes / scenario.CommandSize;
        var (forth, back) = (accepting.BytesReceived, connecting.BytesReceived);
        var isPing = scenario.Flow.Kind == FlowKind.PingPong;
        var carried = Commands(isPing ? forth : forth + back);
        return new RoundSide(
            Commands(forth + back) / accepting.Seconds, (forth + back) / accepting.Seconds / 1e6,
            PerMillion(connecting.Cpu, carried), PerMillion(accepting.Cpu, carried), new LatencySummary(connecting.P50, connecting.P99, connecting.P999));
    }

    private static Round ToRound(Scenario scenario, (NodeReply Sender, NodeReply Receiver) ours, RoundSide limit)
    {
        var (sender, receiver) = ours;
        var isPing = scenario.Flow.Kind == FlowKind.PingPong;
        double all = receiver.Received + sender.Received, carried = isPing ? receiver.Received : all;
        return new Round(
            new RoundSide(
                all / receiver.Seconds, (receiver.ReceivedBytes + sender.ReceivedBytes) / receiver.Seconds / 1e6,
                PerMillion(sender.Cpu, carried), PerMillion(receiver.Cpu, carried), sender.Latency),
            limit)
        {
            SenderPeakKiB = sender.PeakKiB,
            ReceiverPeakKiB = receiver.PeakKiB,
            SenderAllocated = sender.Allocated / carried,
            ReceiverAllocated = receiver.Allocated / carried,
        };
    }

    private static double PerMillion(double cpuSeconds, double commands) => commands == 0 ? 0 : cpuSeconds / commands * 1e6;

    private (double? Sender, double? Receiver) CountSystemCalls(Scenario scenario, ScenarioRunner runner, NodeProcess sender, NodeProcess receiver)
    {
        const double Window = 0.5;
        runner.Start(scenario);
        runner.Open(scenario);
        var counting = Task.Run(() => _systemCalls.CountPerSecond(Window, sender.Id, receiver.Id));
        var (first, second) = runner.Measure(Window);
        var counted = counting.GetAwaiter().GetResult();
        runner.Finish(scenario);
        var commands = scenario.Flow.Kind == FlowKind.PingPong ? second.Received : second.Received + first.Received;
        var perSecond = commands / second.Seconds;
        return (counted[0] / perSecond, counted[1] / perSecond);
    }

    private MemoryResult MeasureMemory()
    {
        const int FewPairs = 11;
        const int Pairs = 31;
        long Idle(int pairs, bool afterTraffic)
        {
            Progress($"memory of {pairs} idle pairs");
            var scenario = Scenario.All.First(static scenario => scenario.Name == "peers-31") with { Peers = pairs };
            using var sender = CreateNode("sender", 0);
            using var receiver = CreateNode("receiver", 1);
            var runner = new ScenarioRunner(sender, receiver, _options, _line);
            runner.Start(scenario);
            if (afterTraffic)
            {
                runner.Open(scenario);
                NodeProcess.AskBoth(sender, receiver, new NodeRequest(NodeVerb.Close));
            }

            Thread.Sleep(500);
            var used = sender.Ask(NodeVerb.Memory).PrivateKiB;
            runner.Finish(scenario);
            return used;
        }

        var few = Spread.Of(Enumerable.Range(0, 3).Select(_ => (double)Idle(FewPairs, false))).Median;
        var all = Spread.Of(Enumerable.Range(0, 3).Select(_ => (double)Idle(Pairs, false))).Median;
        var result = new MemoryResult(FewPairs, (long)few, Pairs, (long)all, Idle(Pairs, true));
        Progress("");
        return result;
    }

    private AllocationResult MeasureAllocation()
    {
        Progress($"allocation over {_options.Commands:N0} commands");
        var scenario = new Scenario(
            "allocation", "63 headers to a 64 KiB block of text; batch, LZ4, session and MD5 on", FlowPlan.Of(ContentKind.Text, [.. Enumerable.Repeat(0, 63), 65_536]))
        {
            Batch = true,
            Compress = PayloadCompression.On,
            Digest = FrameDigestKind.Md5,
            Limit = LimitShape.Stream(65_536),
        };
        using var sender = CreateNode("sender", 0);
        using var receiver = CreateNode("receiver", 1);
        var runner = new ScenarioRunner(sender, receiver, _options, _line);
        runner.Start(scenario);
        runner.Open(scenario);
        Thread.Sleep(TimeSpan.FromSeconds(2)); // tiered compilation settles
        var (first, second) = runner.Measure(_options.Seconds, _options.Commands);
        runner.Finish(scenario);
        Progress("");
        return new AllocationResult(scenario.Title, Math.Min(first.Sent, second.Received), first.Allocated, second.Allocated, first.Errors + second.Errors);
    }

    private NodeProcess CreateNode(string name, int core) => new(name, _options.Pin ? core : null);

    private static void Draw(RunResult result, string file)
    {
        CreateDirectoryOf(file);
        File.WriteAllText(file, ResultChart.Draw(result));
    }

    private static void CreateDirectoryOf(string file) => Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);

    private static void Progress(string text) => Console.Error.Write(Console.IsErrorRedirected ? (text.Length == 0 ? "" : text + "\n") : $"\r{text,-60}");
}
