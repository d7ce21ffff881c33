using System.Diagnostics;
using System.Text.Json;
using Dvs.Proxy.Benchmarks.EndToEnd;
using Dvs.Proxy.EndToEnd.Sessions;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Benchmarks.Cuts;

/// <summary>
/// One combination: the generating node and the cables in this process, the sink in another. Undisturbed and cut slices alternate on the same
/// two proxies and through the same relays, so that neither has the better machine.
/// </summary>
internal sealed class CutsRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _recordPath = Path.GetTempFileName();
    private readonly GeneratorDevice _generator = new();
    private readonly CuttingRelay _toSink;
    private readonly CuttingRelay _toUs;
    private readonly MultiNodeProxy _proxy;
    private readonly DeliveryRecord _record;
    private readonly Process _sink;

    public CutsRun(SessionSettings settings)
    {
        var (ownPlace, sinkPlace) = (NewPlace(), NewPlace());
        (_toSink, _toUs) = (new CuttingRelay(sinkPlace), new CuttingRelay(ownPlace));
        _proxy = new MultiNodeProxy(_generator, Options.Create(settings.CreateOptions(SessionSettings.GeneratorNode, ownPlace, _toSink.Place)));
        _record = new DeliveryRecord(_recordPath);
        var (file, prefix) = NodeProcess.SelfCommand();
        _sink = Process.Start(new ProcessStartInfo(
            file, [.. prefix, SessionSink.Verb, JsonSerializer.Serialize(new SinkArguments(settings, sinkPlace, _toUs.Place, _recordPath))])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    public async Task<CutsCombinationResult> MeasureAsync(string name, CutsOptions options)
    {
        if (await _sink.StandardOutput.ReadLineAsync() != SessionSink.Ready)
        {
            throw new InvalidOperationException("The sink's process ended before it listened.");
        }

        await _proxy.StartAsync(CancellationToken.None);
        await UntilGivenMoreAsync(1_000);
        await Task.Delay(TimeSpan.FromSeconds(options.WarmSeconds));
        var random = new Random(options.Seed);
        var slice = TimeSpan.FromSeconds(options.Seconds / options.Rounds);
        List<double> undisturbed = [], cut = [];
        for (var round = 0; round < options.Rounds; round++)
        {
            await UntilGivenMoreAsync(1_000); // whatever the last cut left is over
            undisturbed.Add(await RateAsync(() => Task.Delay(slice)));
            cut.Add(await RateAsync(() => CutAsync(random, slice)));
        }

        _generator.Stop();
        await UntilAsync(() => _record.Last == _generator.HandedOut, "the last command arrives");
        var sender = _proxy.GetStatus().Pairs[0].Sender;
        return new CutsCombinationResult(name, undisturbed, cut)
        {
            Cuts = _toSink.Cuts + _toUs.Cuts,
            Reconnects = sender.Connects - 1,
            FramesSentAgain = sender.Retransmitted,
            HandedOut = _generator.HandedOut,
            Lost = _generator.HandedOut - (_record.Total - _record.Repeated),
            Duplicated = _record.Repeated,
            Reordered = _record.Reordered,
            Damaged = _record.Damaged,
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.StopAsync(CancellationToken.None);
        _proxy.Dispose();
        _generator.Dispose();
        await _toSink.DisposeAsync();
        await _toUs.DisposeAsync();
        _sink.Kill();
        await _sink.WaitForExitAsync();
        _sink.Dispose();
        _record.Dispose();
        File.Delete(_recordPath);
    }

    private async Task<double> RateAsync(Func<Task> slice)
    {
        var (before, started) = (_record.Total, Stopwatch.GetTimestamp());
        await slice();
        return (_record.Total - before) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task CutAsync(Random random, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var pause = TimeSpan.FromMilliseconds(random.Next(50, 501));
            var left = duration - Stopwatch.GetElapsedTime(started);
            if (pause >= left)
            {
                await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                return;
            }

            await Task.Delay(pause);
            var reset = random.Next(2) == 0;
            _toSink.Cut(reset);
            _toUs.Cut(reset);
        }
    }

    private Task UntilGivenMoreAsync(long count)
    {
        var goal = _record.Total + count;
        return UntilAsync(() => _record.Total >= goal, "commands arrive");
    }

    private async Task UntilAsync(Func<bool> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {what}. {_generator.HandedOut} handed out; {_record}\n{_proxy.GetStatus()}");
            }

            await Task.Delay(5);
        }
    }

    private static NodePlace NewPlace()
    {
        var address = LoopbackPort.NewAddress();
        return new NodePlace(address, LoopbackPort.Reserve(address));
    }
}
