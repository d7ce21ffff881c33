using System.Diagnostics;
using System.Text.Json;
using Dvs.Proxy.Tool.Commands;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>The parent's end of a node process. One request at a time. Disposing it kills the process.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const int MaxLastWords = 20;

    private readonly Process _process;
    private readonly Queue<string> _lastWords = [];
    private volatile bool _isMuted;

    private NodeProcess(string name, Process process, Action<string>? log)
    {
        Name = name;
        _process = process;
        _process.ErrorDataReceived += (_, line) => TakeLogLine(line.Data, log);
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    public int ProcessId => _process.Id;

    /// <summary>Starts a node process.</summary>
    /// <param name="name">Its name in messages.</param>
    /// <param name="device">Its driver, as for <c>--device</c>.</param>
    /// <param name="verbose">Whether it logs everything.</param>
    /// <param name="log">Gets every line of its log, on any thread; null keeps only the last lines, for messages.</param>
    /// <exception cref="HostException">It could not be started.</exception>
    public static NodeProcess Start(string name, string device, bool verbose = false, Action<string>? log = null)
    {
        List<string> arguments = [DemoNodeCommand.Name, "--device", device];
        if (verbose)
        {
            arguments.Add("--verbose");
        }

        var start = SelfExecution.CreateStartInfo(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        try
        {
            return new NodeProcess(name, Process.Start(start)!, log);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new HostException($"Could not start {start.FileName} as the process of {name}: {exception.Message}", exception);
        }
    }

    /// <summary>Has the node do something.</summary>
    /// <exception cref="NodeFailedException">The node could not do it.</exception>
    /// <exception cref="HostException">The process ended, or said what is no answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled: the process is of no further use.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(NodeRequest request, CancellationToken cancellation)
        where TAnswer : NodeAnswer
    {
        string? line;
        try
        {
            await _process.StandardInput.WriteLineAsync(NodeJson.Write(request).AsMemory(), cancellation);
            await _process.StandardInput.FlushAsync(cancellation);
            line = await _process.StandardOutput.ReadLineAsync(cancellation);
        }
        catch (IOException exception)
        {
            throw new HostException(DescribeEnd(), exception);
        }

        return ReadAnswer(line) switch
        {
            TAnswer answer => answer,
            Failed failed => throw new NodeFailedException($"{Name}: {failed.Reason}", failed.IsPortTaken),
            var other => throw new HostException($"{Name} answered {request.GetType().Name} with {other.GetType().Name}"),
        };
    }

    /// <summary>Has the node do something that has no result.</summary>
    public Task DoAsync(NodeRequest request, CancellationToken cancellation) => AskAsync<Done>(request, cancellation);

    /// <summary>Passes on nothing more of the log: what a node says of another one's violent end helps nobody.</summary>
    public void Mute() => _isMuted = true;

    /// <summary>Kills the process, as <c>kill -9</c> does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private NodeAnswer ReadAnswer(string? line)
    {
        try
        {
            return line is null ? throw new HostException(DescribeEnd()) : NodeJson.ReadAnswer(line);
        }
        catch (JsonException exception)
        {
            throw new HostException($"{Name} answered what is no answer: {line}", exception);
        }
    }

    private string DescribeEnd()
    {
        var end = _process.WaitForExit(TimeSpan.FromSeconds(5)) ? $"ended with exit code {_process.ExitCode}" : "closed its output";
        lock (_lastWords)
        {
            return $"The process of {Name} {end}. Its last words:\n{string.Join('\n', _lastWords.DefaultIfEmpty("(none)"))}";
        }
    }

    private void TakeLogLine(string? line, Action<string>? log)
    {
        if (line is null)
        {
            return;
        }

        lock (_lastWords)
        {
            _lastWords.Enqueue(line);
            if (_lastWords.Count > MaxLastWords)
            {
                _lastWords.Dequeue();
            }
        }

        if (!_isMuted)
        {
            log?.Invoke($"{Name}: {line}");
        }
    }
}

/// <summary>A node could not do what it was asked to.</summary>
internal sealed class NodeFailedException(string message, bool isPortTaken) : Exception(message)
{
    /// <summary>Worth another try with another port.</summary>
    public bool IsPortTaken { get; } = isPortTaken;
}
