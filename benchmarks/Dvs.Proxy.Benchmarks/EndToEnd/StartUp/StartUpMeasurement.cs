using System.Diagnostics;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// How long a host takes from its start to the first command delivered to its (emulated) driver. The clock runs from just before the host's process is
/// made (fork and exec) to the moment its peer has the driver's answer: the peer, a node process of ours that runs already, connects, sends a message
/// to a process that is not there, and the host sends the driver's answer back. So the figure holds the delivery and the way of its proof.
/// </summary>
internal sealed class StartUpMeasurement(string directory) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    // Its code is compiled in the first rounds, which do not count; a new one for every round would compile inside the host's time.
    private readonly NodeProcess _peer = new("peer", null);

    /// <summary>Starts the host once.</summary>
    /// <param name="host">The program, as published.</param>
    /// <returns>Milliseconds.</returns>
    public double Measure(string host)
    {
        var ports = ScenarioRunner.FreePorts(2);
        var config = Path.Combine(directory, "host.cfg");
        File.WriteAllText(config, $$"""
            node node0 { nodeid 0; };
            proxy node1 { host 127.0.0.1; proxyid 1; rname 127.0.0.1; rport {{ports[0]}}; sport {{ports[1]}}; compress NO; batch NO; autobind YES; sequence YES; };
            """);
        var link = new LinkOptions(Batch: false, Compress: PayloadCompression.Auto, Session: true, Digest: FrameDigestKind.Xxh128) { BackoffMilliseconds = 2 };
        var start = new NodeStart(FlowPlan.Ping, true, link, 0, [new NodePair(1, 0, ports[1], ports[0])]);
        var starting = Task.Factory.StartNew(
            () => _peer.Ask(new NodeRequest(NodeVerb.Start) { Start = start }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Thread.Sleep(200); // it listens and tries to connect; what is measured begins after
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
            WaitForAnswer(started);
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
            _peer.Ask(NodeVerb.Stop);
        }
    }

    public void Dispose() => _peer.Dispose();

    // The host may be connected both ways before its driver knows: then the first answer is lost, and the message is sent again.
    private void WaitForAnswer(long started)
    {
        while (Stopwatch.GetElapsedTime(started) < Limit)
        {
            _peer.Ask(NodeVerb.Open);
            var opened = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(opened) < Patience)
            {
                if (_peer.Ask(NodeVerb.Count).Received > 0)
                {
                    return;
                }

                Thread.Sleep(0);
            }
        }

        throw new TimeoutException($"no answer within {Limit}.");
    }
}
