using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// How long a host takes from its start to the first command delivered to its (emulated) driver. A node process of ours is its peer and sends a
/// message to a process that is not there; the driver's answer, sent back by the host, is the proof of the delivery.
/// </summary>
internal sealed class StartUpMeasurement(EndToEndOptions options, string directory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    public StartUpResult Run(string host)
    {
        // The first run is not counted: it brings the files into memory.
        List<double> times = [.. Enumerable.Range(0, options.Rounds + 1).Select(_ => RunOnce(host))];
        return new StartUpResult(host, Spread.Of(times.Skip(1)));
    }

    private double RunOnce(string host)
    {
        var ports = ScenarioRunner.FreePorts(2);
        var config = Path.Combine(directory, "host.cfg");
        File.WriteAllText(config, $$"""
            node node0 { nodeid 0; };
            proxy node1 { host 127.0.0.1; proxyid 1; rname 127.0.0.1; rport {{ports[0]}}; sport {{ports[1]}}; compress NO; batch NO; autobind YES; sequence YES; };
            """);
        using var peer = new NodeProcess("peer", null);
        var start = new NodeStart(FlowPlan.Ping, true, new LinkOptions(false, false, true, false), 0, [new NodePair(1, 0, ports[1], ports[0])]);
        var starting = Task.Factory.StartNew(
            () => peer.Ask(new NodeRequest(NodeVerb.Start) { Start = start }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(1000); // it compiles, listens and tries to connect; what is measured begins after
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(host, ["run", "--config", config, "--socket", Path.Combine(directory, "host.sock")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var log = process.StandardError.ReadToEndAsync();
        try
        {
            starting.GetAwaiter().GetResult();
            WaitForAnswer(peer, started);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException)
        {
            process.Kill();
            throw new InvalidOperationException($"The host {host} delivered nothing: {failure.Message}\n{log.GetAwaiter().GetResult()}", failure);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    // The host may be connected both ways before its driver knows: then the first answer is lost, and the message is sent again.
    private static void WaitForAnswer(NodeProcess peer, long started)
    {
        while (Stopwatch.GetElapsedTime(started) < Limit)
        {
            peer.Ask(NodeVerb.Open);
            var opened = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(opened) < Patience)
            {
                if (peer.Ask(NodeVerb.Count).Received > 0)
                {
                    return;
                }
            }
        }

        throw new TimeoutException($"no answer within {Limit}.");
    }
}
