using System.Diagnostics;
using Dvs.Proxy.Benchmarks.EndToEnd;

namespace Dvs.Proxy.Benchmarks.Driver;

/// <summary>What is measured: a program, and how its proxies are connected.</summary>
/// <param name="Name">In the table.</param>
/// <param name="Host">The published program; null for the reference in C.</param>
/// <param name="Session">A session; else the classic bytes.</param>
internal sealed record ProxyKind(string Name, string? Host, bool Session);

/// <summary>Rates and CPU of one measurement: a million commands cost so many seconds at each side.</summary>
internal readonly record struct ProxyPairRound(double PerSecond, double SenderCpu, double ReceiverCpu)
{
    public double Cpu => SenderCpu + ReceiverCpu;
}

/// <summary>Two proxies of one kind as two processes over the loopback, each with a driver of its own. Node 0 sends.</summary>
internal sealed class ProxyPair : IDisposable
{
    private const int MostBatched = 390;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<LoadControl> _drivers = [];
    private readonly List<Process> _processes = [];
    private readonly ProxyKind _kind;

    public ProxyPair(ProxyKind kind, DriverShape shape, DriverPrograms programs, string directory)
    {
        _kind = kind;
        var ports = ScenarioRunner.FreePorts(2);
        for (var node = 0; node < 2; node++)
        {
            var (listen, connect, folder) = (ports[node], ports[1 - node], Directory.CreateDirectory(Path.Combine(directory, $"{kind.Name} {shape.Name} {node}")));
            var driver = new LoadControl(Path.Combine(folder.FullName, "control"), node, 1 - node, shape.Load);
            _drivers.Add(driver);
            Dictionary<string, string> environment = new()
            {
                ["LD_PRELOAD"] = programs.Preloaded,
                ["DVK_LOAD_CONTROL"] = driver.Path,
                ["DVK_STANDIN_STATE"] = Path.Combine(folder.FullName, "driver"),
                ["DVK_STANDIN_OPTIONS"] = "sigterm=0",
            };
            _processes.Add(kind.Host is null
                ? Start(programs.Reference, [$"{node}", $"{1 - node}", $"{listen}", $"{connect}", shape.Batch ? $"{MostBatched}" : "0"], environment)
                : StartHost(kind, shape, node, listen, connect, folder.FullName, environment));
        }
    }

    /// <summary>Lets commands flow for some time and does not count them. Throws where none arrive.</summary>
    public void WarmUp(double seconds)
    {
        SetOpen(true, false);
        var opened = Stopwatch.GetTimestamp();
        while (Arrived == 0 && Stopwatch.GetElapsedTime(opened) < Patience)
        {
            Thread.Sleep(10);
        }

        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Settle();
    }

    /// <summary>Measures for some time, and checks that everything that was sent arrived, in order and whole.</summary>
    public ProxyPairRound Measure(double seconds, bool makesSystemCalls)
    {
        SetOpen(true, makesSystemCalls);
        Thread.Sleep(100);
        var (started, before, cpu) = (Stopwatch.GetTimestamp(), Arrived, Cpu());
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        var (elapsed, after, cpuAfter) = (Stopwatch.GetElapsedTime(started).TotalSeconds, Arrived, Cpu());
        Settle();
        var millions = (after - before) / 1e6;
        return new ProxyPairRound(millions * 1e6 / elapsed, (cpuAfter[0] - cpu[0]) / millions, (cpuAfter[1] - cpu[1]) / millions);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        _drivers.ForEach(static driver => driver.Dispose());
    }

    private long Arrived => _drivers[1].Delivered;

    private double[] Cpu()
    {
        _processes.ForEach(static process => process.Refresh());
        return [.. _processes.Select(static process => process.TotalProcessorTime.TotalSeconds)];
    }

    private void SetOpen(bool isOpen, bool makesSystemCalls) => _drivers.ForEach(driver => driver.Set(isOpen, makesSystemCalls));

    private void Settle()
    {
        SetOpen(false, false);
        var closed = Stopwatch.GetTimestamp();
        while (_drivers[0].Fetched != _drivers[1].Delivered || _drivers[1].Fetched != _drivers[0].Delivered)
        {
            if (Stopwatch.GetElapsedTime(closed) > Patience)
            {
                throw new InvalidOperationException(
                    $"{_kind.Name}: of {_drivers[0].Fetched:N0} commands {_drivers[1].Delivered:N0} arrived, and of {_drivers[1].Fetched:N0} the other way {_drivers[0].Delivered:N0}.");
            }

            Thread.Sleep(1);
        }

        if (Arrived == 0 || _drivers.Sum(static driver => driver.Wrong) != 0)
        {
            throw new InvalidOperationException($"{_kind.Name}: {Arrived:N0} commands arrived, {_drivers.Sum(static driver => driver.Wrong):N0} of them wrong or in a wrong order.");
        }
    }

    private static Process StartHost(ProxyKind kind, DriverShape shape, int node, int listen, int connect, string folder, Dictionary<string, string> environment)
    {
        using (var operation = Start(kind.Host!, ["dvs", "init", $"{node}"], environment))
        {
            operation.WaitForExit();
            if (operation.ExitCode != 0)
            {
                throw new InvalidOperationException($"{kind.Name}: the driver could not be initialised.");
            }
        }

        var config = Path.Combine(folder, "node.cfg");
        File.WriteAllText(config, $$"""
            node node{{node}} { nodeid {{node}}; };
            proxy node{{1 - node}} { host 127.0.0.1; proxyid {{1 - node}}; rname 127.0.0.1; rport {{listen}}; sport {{connect}}; compress NO; batch {{YesNo(shape.Batch)}}; autobind NO; sequence {{YesNo(kind.Session)}}; backoff 10 100; };
            """);
        return Start(kind.Host!, ["run", "--config", config, "--device", "/dev/dvk", "--socket", Path.Combine(folder, "node.sock")], environment);
    }

    private static string YesNo(bool value) => value ? "YES" : "NO";

    // What it says goes nowhere: it would mix with the table.
    private static Process Start(string file, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, line) => LastLine = line.Data ?? LastLine;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>The last thing a program said of an error.</summary>
    public static string LastLine { get; private set; } = "";
}
