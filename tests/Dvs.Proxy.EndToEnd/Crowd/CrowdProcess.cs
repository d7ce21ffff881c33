using System.Globalization;
using System.Text.Json;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.EndToEnd.Sessions;

namespace Dvs.Proxy.EndToEnd.Crowd;

/// <summary>A running <see cref="CrowdProgram"/>.</summary>
internal sealed class CrowdProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly CrowdArguments _arguments;
    private int _steps;

    public CrowdProcess(IReadOnlyList<NodePlace> places, int count, int step)
    {
        _arguments = new CrowdArguments(places, count, step);
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = ChildProcess.Start(dotnet, ["exec", typeof(CrowdProgram).Assembly.Location, CrowdProgram.Verb, JsonSerializer.Serialize(_arguments)]);
    }

    /// <summary>Connections it has made.</summary>
    public int Connected => Math.Min(_steps * _arguments.Step, _arguments.Count);

    /// <summary>True once all are there.</summary>
    public bool IsComplete => Connected == _arguments.Count;

    /// <summary>Lets it make some more; once all are there, lets it count again. Returns how many of all are open; 0 before all are there.</summary>
    public async Task<int> StepAsync()
    {
        _steps++;
        await _process.WriteLineAsync("");
        var lines = await Limits.UntilAsync(
            () => Task.FromResult(_process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), lines => lines.Length >= _steps, _process.Describe());
        return int.Parse(lines[^1].Split(' ')[2], CultureInfo.InvariantCulture);
    }

    /// <summary>All leave at once.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL");
        await _process.WaitForExitAsync(Limits.Condition);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
