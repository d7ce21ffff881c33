using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Diagnostics;

/// <summary>What others see of a running proxy: metrics, traces, the printed status.</summary>
public class TelemetryTests
{
    [Fact]
    public async Task Instruments_carry_the_counters_of_every_pair_and_direction()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.Sequence = true);
        await using var first = a;
        await using var second = b;
        for (var number = 0; number < 10; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => b.Device.Delivered.Count == 10, "all arrived");
        var measured = new ConcurrentDictionary<(string Name, object? Node, object? Peer, object? Direction), long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Dvs.Proxy")
                {
                    Assert.False(string.IsNullOrEmpty(instrument.Unit) || string.IsNullOrEmpty(instrument.Description), instrument.Name);
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value);
            measured.AddOrUpdate((instrument.Name, all["dvs.node"], all.GetValueOrDefault("dvs.peer"), all.GetValueOrDefault("dvs.direction")), value, (_, before) => Math.Max(before, value));
        });
        listener.Start();
        listener.RecordObservableInstruments();

        // Other tests of this run have proxies with the same tags: the most of them counts.
        Assert.True(measured[("dvs.proxy.commands", 0, "node1", "send")] >= 10);
        Assert.Contains(("dvs.proxy.frames.retransmitted", 0, "node1", "send"), measured.Keys);
        Assert.Contains(("dvs.proxy.commands.lost", 1, "node0", "receive"), measured.Keys);
        Assert.Contains(("dvs.proxy.connected", 1, "node0", "receive"), measured.Keys);
    }

    [Fact]
    public async Task Every_connection_is_a_span_that_says_why_it_ended()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Dvs.Proxy",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var (a, b) = await ScriptedNode.StartPairAsync();
        var remote = a.Pair(1).Sender.Remote;
        a.Device.Enqueue(ScriptedNode.Message(0, 1, 1));
        Eventually.True(() => b.Device.Delivered.Count == 1, "the command arrived");
        await a.DisposeAsync();
        await b.DisposeAsync();

        var span = Assert.Single(ended, activity => Equals(activity.GetTagItem("network.peer.address"), remote) && Equals(activity.GetTagItem("dvs.direction"), "send"));
        Assert.Equal(("dvs.proxy.connection", 0, "node1", 1L), (span.OperationName, span.GetTagItem("dvs.node"), span.GetTagItem("dvs.peer"), span.GetTagItem("dvs.commands")));
        Assert.Equal(ActivityStatusCode.Ok, span.Status);
        Assert.NotNull(span.GetTagItem("dvs.reason"));
    }

    [Fact]
    public async Task The_status_prints_for_people()
    {
        var (a, b) = await ScriptedNode.StartPairAsync();
        await using var first = a;
        await using var second = b;

        var text = a.Proxy.GetStatus().ToString();

        Assert.Matches(@"node 0, up \d+\.\d\d:\d\d:\d\d", text);
        Assert.Contains("1 of 1 peers connected", text, StringComparison.Ordinal);
        Assert.Matches("node1 +1 send Connected", text);
    }
}
