using System.Diagnostics;
using System.Text;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>A process that a test started, with all it prints. Disposing it kills it with its children.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _commandLine;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private ChildProcess(ProcessStartInfo start, bool readsError = true)
    {
        InheritedSignals.Reset(start);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        _commandLine = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_error, line.Data);
        _process.BeginOutputReadLine();
        if (readsError)
        {
            _process.BeginErrorReadLine();
        }
    }

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>Starts the host, the way it starts itself.</summary>
    public static ChildProcess StartHost(params string[] arguments) => new(SelfExecution.CreateStartInfo(arguments));

    /// <summary>Starts the host with more in its environment, which its own children inherit.</summary>
    public static ChildProcess StartHost(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = SelfExecution.CreateStartInfo(arguments);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Starts the sample, by the executable that was built for it.</summary>
    public static ChildProcess StartSample(params string[] arguments) => StartSample(new Dictionary<string, string?>(), arguments);

    /// <summary>Starts the sample with more in its environment.</summary>
    public static ChildProcess StartSample(IReadOnlyDictionary<string, string?> environment, params string[] arguments) => Start(
        Path.Combine(AppContext.BaseDirectory, "MultiProxyHost"),
        arguments,
        environment: environment.Concat(DotnetCommand.RuntimeOfTests).ToDictionary());

    /// <summary>Runs the sample to its end.</summary>
    public static async Task<ChildProcess> RunSampleAsync(params string[] arguments)
    {
        var sample = StartSample(arguments);
        await sample.WaitForExitAsync(Limits.Demo);
        return sample;
    }

    /// <summary>Starts the host behind a line of the shell, which begins or redirects its streams; the host has the shell's process id.</summary>
    /// <param name="line">The line, in which <c>$HOST</c> stands for the host and its arguments.</param>
    /// <param name="readsError">False: nobody reads its standard error.</param>
    /// <param name="arguments">Of the host.</param>
    public static ChildProcess StartHostInShell(string line, bool readsError, params string[] arguments)
    {
        var host = SelfExecution.CreateStartInfo(arguments);
        return new ChildProcess(new ProcessStartInfo("sh", ["-c", line.Replace("$HOST", "\"$0\" \"$@\"", StringComparison.Ordinal), host.FileName, .. host.ArgumentList]), readsError);
    }

    /// <summary>Starts another program.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string? folder = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Runs the host to its end.</summary>
    public static async Task<ChildProcess> RunHostAsync(params string[] arguments)
    {
        var host = StartHost(arguments);
        await host.WaitForExitAsync(Limits.Demo);
        return host;
    }

    public async Task WaitForExitAsync(TimeSpan limit)
    {
        using var cancellation = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Did not end within {limit}. {Describe()}");
        }
    }

    /// <summary>Writes a line to its standard input.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Sends a signal, such as <c>TERM</c>. Skips the test where the child ignores it from its birth.</summary>
    public async Task SignalAsync(string name)
    {
        Assert.SkipWhen(InheritedSignals.AreIgnoredForGood(name), $"whoever runs the tests ignores SIG{name}, and there is no 'env --default-signal' to undo that for a child");
        using var kill = Process.Start("kill", [$"-{name}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    public void AssertExitCode(int expected) => Assert.True(_process.ExitCode == expected, $"Exit code {_process.ExitCode}, expected {expected}. {Describe()}");

    /// <summary>Everything about the process, for messages of assertions.</summary>
    public string Describe() => $"{_commandLine}\n--- standard output\n{Output}\n--- standard error\n{Error}";

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Take(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
