using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Diagnostics;

/// <summary>What others see of a running proxy: metrics, traces, the printed status.</summary>
public class TelemetryTests
{
    [Fact]
    public async Task Instruments_carry_the_counters_of_every_pair_and_direction_until_the_proxy_stops()
    {
        // Other tests of this run have proxies, too: none with a peer of this name.
        const string Name = "measured-peer";
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => (peer.UseSession, peer.Name) = (true, Name));
        await using var first = a;
        await using var second = b;
        for (var number = 0; number < 10; number++)
        {
            a.Device.Enqueue(ScriptedNode.Message(0, 1, number));
        }

        Eventually.True(() => b.Pair(0).Receiver.Commands == 10 && a.Pair(1).Sender.Commands == 10, "all arrived");
        var measured = new ConcurrentDictionary<(string Name, object? Node, object? Direction), long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Dvs.Proxy")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value);
            if (Name.Equals(all.GetValueOrDefault("dvs.peer")))
            {
                measured[(instrument.Name, all["dvs.node"], all["dvs.direction"])] = value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal((10, 0), (measured[("dvs.proxy.commands", 0, "send")], measured[("dvs.proxy.commands", 0, "receive")]));
        Assert.Equal((0, 10), (measured[("dvs.proxy.commands", 1, "send")], measured[("dvs.proxy.commands", 1, "receive")]));
        Assert.Equal(1, measured[("dvs.proxy.connected", 1, "receive")]);

        await b.StopAsync();
        measured.Clear();
        listener.RecordObservableInstruments();

        Assert.NotEmpty(measured);
        Assert.All(measured.Keys, static key => Assert.Equal(0, key.Node));
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
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Contains(ended, activity => Equals(activity.GetTagItem("dvs.direction"), "receive") && activity.Kind == ActivityKind.Server);
        Assert.DoesNotContain(ended, activity => Equals(activity.GetTagItem("dvs.direction"), "receive") && activity.Kind != ActivityKind.Server);
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
