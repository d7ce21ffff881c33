using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>The generating node, in this process, and the way to the sink: straight, or through a relay for each direction.</summary>
internal sealed class SessionLoad : IAsyncDisposable
{
    private readonly SessionSettings _settings;
    private readonly NodePlace _sinkPlace = NewPlace();
    private readonly NodePlace _ownPlace = NewPlace();
    private readonly TemporaryFolder _folder = new();
    private readonly CuttingRelay? _toSink;
    private readonly CuttingRelay? _toUs;
    private readonly MultiNodeProxy _proxy;
    private int _sinks;

    public SessionLoad(SessionSettings settings, bool relayed)
    {
        _settings = settings;
        (_toSink, _toUs) = relayed ? (new CuttingRelay(_sinkPlace), new CuttingRelay(_ownPlace)) : (null, null);
        var options = settings.CreateOptions(SessionSettings.GeneratorNode, _ownPlace, _toSink?.Place ?? _sinkPlace);
        WindowBytes = options.Peers[0].WindowBytes ?? options.Peers[0].LargestWindowBytes;
        _proxy = new MultiNodeProxy(Generator, Options.Create(options), loggerFactory: Log);
    }

    public GeneratorDevice Generator { get; } = new();

    public CapturingLoggerFactory Log { get; } = new();

    public int WindowBytes { get; }

    public DirectionSnapshot Sender => _proxy.GetStatus().Pairs[0].Sender;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => _toSink!.Cuts + _toUs!.Cuts;

    public Task StartAsync() => _proxy.StartAsync(CancellationToken.None);

    /// <summary>Starts the other node, or starts it again: with the same ports and an empty record.</summary>
    /// <param name="killAt">The delivery in the middle of which it is to kill itself; 0 for never.</param>
    public Task<SinkProcess> StartSinkAsync(long killAt = 0) =>
        SinkProcess.StartAsync(new SinkArguments(_settings, _sinkPlace, _toUs?.Place ?? _ownPlace, _folder[$"sink{_sinks++}.record"], killAt));

    /// <summary>Cuts the connections of both directions again and again, for a while.</summary>
    public async Task CutAsync(Random random, TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        try
        {
            while (true)
            {
                await Task.Delay(random.Next(50, 501), end.Token);
                var reset = random.Next(2) == 0;
                _toSink!.Cut(reset);
                _toUs!.Cut(reset);
            }
        }
        catch (OperationCanceledException)
        {
            // The time is up.
        }
    }

    /// <summary>Stops the load and waits until the sink has the last command.</summary>
    public async Task FinishAsync(SinkProcess sink)
    {
        Generator.Stop();
        await sink.UntilAsync(record => record.Last == Generator.HandedOut, "the last command arrives", Describe);
    }

    /// <summary>Everything about this side, for messages of assertions.</summary>
    public string Describe() => $"{Generator.HandedOut} handed out\n{_proxy.GetStatus()}\n{string.Join('\n', Log.Messages.TakeLast(20))}";

    public async ValueTask DisposeAsync()
    {
        await _proxy.StopAsync(CancellationToken.None);
        _proxy.Dispose();
        Generator.Dispose();
        foreach (var relay in new[] { _toSink, _toUs })
        {
            if (relay is not null)
            {
                await relay.DisposeAsync();
            }
        }

        _folder.Dispose();
    }

    private static NodePlace NewPlace()
    {
        var address = LoopbackPort.NewAddress();
        return new NodePlace(address, LoopbackPort.Reserve(address));
    }
}
