using System.Text.Json;
using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>A running <see cref="SessionSink"/> with what it was given.</summary>
internal sealed class SinkProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private SinkProcess(ChildProcess process, DeliveryRecord record)
    {
        _process = process;
        Record = record;
    }

    public DeliveryRecord Record { get; }

    public static async Task<SinkProcess> StartAsync(SinkArguments arguments)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var process = ChildProcess.Start(dotnet, ["exec", typeof(SessionSink).Assembly.Location, SessionSink.Verb, JsonSerializer.Serialize(arguments)]);
        var sink = new SinkProcess(process, new DeliveryRecord(arguments.RecordPath));
        await Limits.UntilAsync(
            () => Task.FromResult(process.Describe()), _ => process.Output.Contains(SessionSink.Ready, StringComparison.Ordinal), "the sink listens");
        return sink;
    }

    /// <summary>Waits until it was given that many commands more.</summary>
    public Task UntilGivenMoreAsync(long count, Func<string> describe)
    {
        var goal = Record.Total + count;
        return UntilAsync(record => record.Total >= goal, $"the sink is given {count} commands more", describe);
    }

    public Task UntilAsync(Func<DeliveryRecord, bool> isWished, string what, Func<string> describe) =>
        Limits.UntilAsync(() => Task.FromResult($"{Record}\n{_process.Describe()}\n{describe()}"), _ => isWished(Record), what);

    /// <summary>The end without a last word.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL");
        await _process.WaitForExitAsync(Limits.Condition);
    }

    /// <summary>Waits until it has killed itself.</summary>
    public async Task UntilDeadAsync()
    {
        await _process.WaitForExitAsync(Limits.Condition);
        _process.AssertExitCode(128 + 9);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Record.Dispose();
    }
}
