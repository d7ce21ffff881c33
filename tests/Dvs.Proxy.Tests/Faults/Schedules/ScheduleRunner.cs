using System.Globalization;
using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tests.Faults.Relays;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>What came of a schedule.</summary>
/// <param name="Options">What ran.</param>
/// <param name="Problems">What is wrong; empty if the promise was kept.</param>
/// <param name="Faults">The faults that happened.</param>
/// <param name="HandedOut">Commands handed out.</param>
/// <param name="Delivered">Commands delivered.</param>
internal sealed record ScheduleOutcome(ScheduleOptions Options, IReadOnlyList<string> Problems, FaultLog Faults, int HandedOut, int Delivered)
{
    public override string ToString() =>
        $"{Options}: handed out {HandedOut}, delivered {Delivered}; {Faults}{string.Concat(Problems.Select(static problem => $"\n  {problem}"))}";
}

/// <summary>
/// Runs two real multi-node proxies with scripted drivers against each other through a schedule of faults, until the faults are over and
/// everything that should arrive has, and compares what the drivers handed out with what they were given.
/// </summary>
internal static class ScheduleRunner
{
    /// <summary>Runs the schedule of a seed.</summary>
    public static ScheduleOutcome Run(ScheduleOptions options)
    {
        var schedule = new FaultSchedule(options.Seed, options.Mix);
        if (options.Restarts > 0)
        {
            return new RestartRun(options, schedule).RunAsync().GetAwaiter().GetResult();
        }

        using var surroundings = new Surroundings();
        var nodes = options.Tcp ? MakeTcp(options, schedule, surroundings)
            : options.Unix ? MakeUnix(options, schedule, surroundings)
            : MakeInMemory(options, schedule, surroundings);
        return RunAsync(options, schedule, nodes.A, nodes.B, surroundings).GetAwaiter().GetResult();
    }

    private static async Task<ScheduleOutcome> RunAsync(ScheduleOptions options, FaultSchedule schedule, ScriptedNode a, ScriptedNode b, Surroundings surroundings)
    {
        ScheduleTraffic[] traffic = [new(a, b, options), new(b, a, options)];
        List<string> problems = [];
        try
        {
            await a.StartAsync();
            await b.StartAsync();
            surroundings.Begin();
            Drive(traffic, options, () => Park(options, schedule, a, b));

            // Before the stop: a peer that stops first leaves the last acknowledgement unsent, and that is rightly counted.
            problems.AddRange(CheckAccounts(a, options));
            problems.AddRange(CheckAccounts(b, options));
        }
        catch (TimeoutException exception)
        {
            problems.Add(exception.Message);
        }
        finally
        {
            surroundings.End();
            await a.StopAsync();
            await b.StopAsync();
        }

        // Only now: nothing may come late either.
        problems.AddRange(traffic.SelectMany(static one => one.Check()));
        problems.AddRange(CheckStopped(a));
        problems.AddRange(CheckStopped(b));
        if (problems.Count > 0)
        {
            problems.Add($"log of node 0:\n{a.Log.All}\nlog of node 1:\n{b.Log.All}");
        }

        await a.DisposeAsync();
        await b.DisposeAsync();
        return new ScheduleOutcome(options, problems, schedule.Log, traffic.Sum(static one => one.Count), traffic.Sum(static one => one.Delivered));
    }

    // A planned end of the connections at any time, and another beginning.
    private static void Park(ScheduleOptions options, FaultSchedule schedule, ScriptedNode a, ScriptedNode b)
    {
        var node = new Random(options.Seed + schedule.Log[FaultKind.Stop]).Next(2) == 0 ? a : b;
        schedule.Log.Add(FaultKind.Stop);
        node.Proxy.ParkAsync().GetAwaiter().GetResult();
        node.Proxy.ResumeAsync().GetAwaiter().GetResult();
    }

    private static void Drive(ScheduleTraffic[] traffic, ScheduleOptions options, Action park)
    {
        var parks = options.Parks;
        bool more;
        do
        {
            more = false;
            foreach (var one in traffic)
            {
                more |= one.HandOutBurst();
            }

            if (parks > 0)
            {
                parks--;
                park();
            }

            // The next burst finds an idle sender.
            Eventually.True(() => traffic.All(static one => !one.IsWaiting), "the drivers' queues are empty", () => Describe(traffic));
        }
        while (more);

        foreach (var one in traffic)
        {
            one.HandOutMarker();
            Eventually.True(() => Arrives(one, options), "what was handed out last arrives", () => Describe(traffic));
        }
    }

    private static bool Arrives(ScheduleTraffic traffic, ScheduleOptions options)
    {
        if (options.Promise == DeliveryPromise.ExactlyOnce)
        {
            return traffic.Delivered >= traffic.Count;
        }

        if (traffic.HasMarkerArrived)
        {
            return true;
        }

        // Lost with its connection, perhaps.
        if (!traffic.IsWaiting)
        {
            traffic.HandOutMarker();
        }

        return false;
    }

    private static string Describe(ScheduleTraffic[] traffic) =>
        string.Join(", ", traffic.Select(static one => $"{one.Delivered} of {one.Count} delivered{(one.IsWaiting ? ", more are waiting" : "")}"));

    // Both processes live: nothing may be counted as lost or of unknown fate, nothing given up.
    private static IEnumerable<string> CheckAccounts(ScriptedNode node, ScheduleOptions options) => node.Proxy.GetStatus().Pairs
        .Where(pair => options.UseSession
            && pair.Sender.Lost + pair.Sender.UnknownFate + pair.Sender.PossiblyRepeated + pair.Receiver.FramesGivenUp != 0)
        .Select(pair => $"node {node.NodeId}: counted as lost {pair.Sender.Lost}, of unknown fate {pair.Sender.UnknownFate}, "
            + $"possibly repeated {pair.Sender.PossiblyRepeated}, given up {pair.Receiver.FramesGivenUp}");

    internal static IEnumerable<string> CheckStopped(ScriptedNode node) => node.Proxy.GetStatus().Pairs
        .SelectMany(static pair => new[] { pair.Sender.State, pair.Receiver.State })
        .Where(static state => state != ProxyState.Stopped)
        .Select(state => $"node {node.NodeId}: a thread ended as {state}");

    private static (ScriptedNode A, ScriptedNode B) MakeInMemory(ScheduleOptions options, FaultSchedule schedule, Surroundings surroundings)
    {
        const int PortOfA = 3001;
        const int PortOfB = 3000;
        const string Address = "127.0.0.1";
        var network = new InMemoryTransport();
        var (sentByA, sentByB) = (new RecordingTransport(network), new RecordingTransport(network));
        var a = Make(0, new FaultyTransport(options.Intruders ? sentByA : network, schedule, "0"), Address, options, schedule);
        var b = Make(1, new FaultyTransport(options.Intruders ? sentByB : network, schedule, "1"), Address, options, schedule);
        a.AddPeer(1, Address, PortOfB, PortOfA, Configure(options, network.Name));
        b.AddPeer(0, Address, PortOfA, PortOfB, Configure(options, network.Name));
        surroundings.Intrude(network, new TransportEndpoint(Address, PortOfA), 1, 0, sentByB, options, schedule.Log);
        surroundings.Intrude(network, new TransportEndpoint(Address, PortOfB), 0, 1, sentByA, options, schedule.Log);
        return (a, b);
    }

    private static (ScriptedNode A, ScriptedNode B) MakeUnix(ScheduleOptions options, FaultSchedule schedule, Surroundings surroundings)
    {
        var network = new UnixSocketTransport();
        var (sentByA, sentByB) = (new RecordingTransport(network), new RecordingTransport(network));
        var (placeOfA, placeOfB) = (AbstractName.NewEndpoint(), AbstractName.NewEndpoint());
        var a = Make(0, new FaultyTransport(options.Intruders ? sentByA : network, schedule, "0"), "", options, schedule);
        var b = Make(1, new FaultyTransport(options.Intruders ? sentByB : network, schedule, "1"), "", options, schedule);
        a.AddPeer(1, "", 0, 0, At(placeOfA, placeOfB));
        b.AddPeer(0, "", 0, 0, At(placeOfB, placeOfA));
        surroundings.Intrude(network, placeOfA, 1, 0, sentByB, options, schedule.Log);
        surroundings.Intrude(network, placeOfB, 0, 1, sentByA, options, schedule.Log);
        return (a, b);

        Action<PeerOptions> At(TransportEndpoint here, TransportEndpoint there) => peer =>
        {
            Configure(options, network.Name)(peer);
            (peer.Host, peer.ListenHost, peer.ListenPort, peer.ConnectPort) = (null, null, null, null);
            (peer.ListenPath, peer.ConnectPath) = (here.Path, there.Path);
        };
    }

    private static (ScriptedNode A, ScriptedNode B) MakeTcp(ScheduleOptions options, FaultSchedule schedule, Surroundings surroundings)
    {
        var transport = new TcpTransport();
        var a = Make(0, transport, null, options, schedule);
        var b = Make(1, transport, null, options, schedule);
        var portOfA = LoopbackPort.Reserve(a.Address);
        var portOfB = LoopbackPort.Reserve(b.Address);
        var toA = surroundings.Add(new FaultyRelay(new IPEndPoint(IPAddress.Parse(a.Address), portOfA), schedule, "1"));
        var toB = surroundings.Add(new FaultyRelay(new IPEndPoint(IPAddress.Parse(b.Address), portOfB), schedule, "0"));
        a.AddPeer(1, toB.Address.ToString(), toB.Port, portOfA, Configure(options, transport.Name));
        b.AddPeer(0, toA.Address.ToString(), toA.Port, portOfB, Configure(options, transport.Name));

        // Relays keep no recordings: here it is strangers only.
        var nothing = new RecordingTransport(transport);
        surroundings.Intrude(transport, new TransportEndpoint(a.Address, portOfA), 1, 0, nothing, options, schedule.Log);
        surroundings.Intrude(transport, new TransportEndpoint(b.Address, portOfB), 0, 1, nothing, options, schedule.Log);
        return (a, b);
    }

    /// <summary>A node without peers.</summary>
    internal static ScriptedNode Make(int nodeId, IProxyTransport transport, string? address, ScheduleOptions options, FaultSchedule schedule)
    {
        var name = nodeId.ToString(CultureInfo.InvariantCulture);
        var node = new ScriptedNode(nodeId, address, new TransportRegistry([options.Famine ? new FamineTransport(transport, schedule, name) : transport]));
        node.Log.Fails = number => schedule.FailsToLog(name, number);
        node.Options.DataModel = options.DataModel;
        if (options.NeedsShortHandshake)
        {
            node.Options.HandshakeTimeout = TimeSpan.FromSeconds(2);
        }

        return node;
    }

    /// <summary>What a peer is set to.</summary>
    internal static Action<PeerOptions> Configure(ScheduleOptions options, string transport) => peer =>
    {
        peer.Transport = transport;
        options.Apply(peer);
    };

    /// <summary>What there is on the network beside the two nodes.</summary>
    private sealed class Surroundings : IDisposable
    {
        private readonly List<FaultyRelay> _relays = [];
        private readonly List<Func<Intruder>> _intrusions = [];
        private readonly List<Intruder> _intruders = [];

        public IPEndPoint Add(FaultyRelay relay)
        {
            _relays.Add(relay);
            return relay.EndPoint;
        }

        public void Intrude(IProxyTransport network, TransportEndpoint target, int peer, int node, RecordingTransport recordings, ScheduleOptions options, FaultLog log)
        {
            if (options.Intruders)
            {
                _intrusions.Add(() => new Intruder(network, target, peer, node, recordings, options, log));
            }
        }

        public void Begin() => _intruders.AddRange(_intrusions.Select(static begin => begin()));

        public void End()
        {
            _intruders.ForEach(static intruder => intruder.Dispose());
            _intruders.Clear();
        }

        public void Dispose()
        {
            End();
            _relays.ForEach(static relay => relay.Dispose());
        }
    }
}
