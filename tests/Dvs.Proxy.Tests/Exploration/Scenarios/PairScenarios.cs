using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tests.Exploration.Scheduling;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>Whole pairs: start, registration, stop, and a driver that unbinds them.</summary>
internal static class PairScenarios
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Two pairs; each is stopped at any point, while one is looked after as the proxy does now and then.</summary>
    public static void Stop()
    {
        var world = new PairWorld(refuses: false);
        world.Start();
        var first = SessionWorld.StartThread("stopper 0", () => world.Stop(0));
        var second = SessionWorld.StartThread("stopper 1", () => world.Stop(1));
        var watch = SessionWorld.StartThread("watch", world.Pairs[0].Watch);
        Controlled.Join(first);
        Controlled.Join(second);
        Controlled.Join(watch);
        world.Check();
    }

    /// <summary>The driver refuses the registration: both threads go home.</summary>
    public static void Refused()
    {
        var world = new PairWorld(refuses: true);
        Assert.Throws<DvkException>(world.Pairs[0].Start);
        world.Pairs[1].Start();
        world.Stop(0);
        world.Stop(1);
        world.Check();
    }

    /// <summary>A stop while the pair is being registered.</summary>
    public static void StopDuringStart()
    {
        var world = new PairWorld(refuses: false);
        var stopper = SessionWorld.StartThread("stopper", world.Pairs[0].RequestStop);
        world.Pairs[0].Start();
        Controlled.Join(stopper);
        world.Stop(0);
        world.Pairs[1].Start();
        world.Stop(1);
        world.Check();
    }

    /// <summary>The driver unbinds a pair at any point: its threads end by themselves, at the latest when it is looked after.</summary>
    public static void Unbound()
    {
        var world = new PairWorld(refuses: false);
        world.Start();
        var operatorThread = SessionWorld.StartThread("operator", () => world.Devices[0].UnbindProxies(1));
        Controlled.Join(operatorThread);
        world.Pairs[0].Watch();
        while (!world.Pairs[0].Join(Day))
        {
        }

        world.Stop(1);
        world.Check();
    }

    /// <summary>A pair is parked and resumed at any point: nothing is lost, and all arrives.</summary>
    public static void ParkAndResume()
    {
        var world = new PairWorld(refuses: false);
        world.Start();
        var parker = SessionWorld.StartThread("parker", () =>
        {
            Assert.True(world.Pairs[0].RequestPark());
            while (!world.Pairs[0].WaitUntilParked(Day))
            {
            }

            Assert.Equal(ProxyState.Parked, world.Pairs[0].GetStatus().Sender.State);
            Assert.True(world.Pairs[0].Resume());
        });
        Controlled.Join(parker);
        Controlled.Block(() => world.Devices[1].Delivered.Count == 2);
        world.Stop(0);
        world.Stop(1);
        world.Check();
    }

    /// <summary>A pair is parked, resumed and stopped, each at any point.</summary>
    public static void ParkAndStop() => ParkAndStop(asOverTcp: false);

    /// <summary>The same where a read can be interrupted, so that each end is said to the peer.</summary>
    public static void ParkAndStopAsOverTcp() => ParkAndStop(asOverTcp: true);

    /// <summary>The receiving pair is parked and resumed at any point, where a read can be interrupted: it tells its peer what was delivered, so
    /// that nothing is of unknown fate, and all arrives.</summary>
    public static void PlannedStop()
    {
        var world = new PairWorld(refuses: false, asOverTcp: true);
        world.Start();
        var parker = SessionWorld.StartThread("parker", () =>
        {
            Assert.True(world.Pairs[1].RequestPark());
            while (!world.Pairs[1].WaitUntilParked(Day))
            {
            }

            Assert.True(world.Pairs[1].Resume());
        });
        Controlled.Join(parker);
        Controlled.Block(() => world.Devices[1].Delivered.Count == 2);
        Assert.Equal(0, world.Pairs[0].GetStatus().Sender.UnknownFate);
        world.Stop(0);
        world.Stop(1);
        world.Check();
    }

    private static void ParkAndStop(bool asOverTcp)
    {
        var world = new PairWorld(refuses: false, asOverTcp);
        world.Start();
        var parker = SessionWorld.StartThread("parker", () =>
        {
            world.Pairs[0].RequestPark();
            world.Pairs[0].WaitUntilParked(Day);
            world.Pairs[0].Resume();
        });
        var stopper = SessionWorld.StartThread("stopper", () => world.Stop(0));
        Controlled.Join(parker);
        Controlled.Join(stopper);
        world.Stop(1);
        world.Check();
    }

    private sealed class PairWorld
    {
        public PairWorld(bool refuses, bool asOverTcp = false)
        {
            var options = new SessionOptions { Commands = 2 };
            Devices = [new ControlledDevice(0, 1, options.Commands) { RefusesPair = refuses }, new ControlledDevice(1, 0, 0)];
            var there = new ControlledTransport(connection => Pairs![1].Admission.Offer(connection, order: 0)) { SenderReads = asOverTcp };
            var nowhere = new ControlledTransport(static _ => { }) { MostLinks = 0 };
            Transport = there;
            Pairs = [Create(Devices[0], 1, there, options), Create(Devices[1], 0, nowhere, options)];
        }

        public ControlledDevice[] Devices { get; }

        public ControlledTransport Transport { get; }

        public ProxyPair[] Pairs { get; }

        public void Start()
        {
            Pairs[1].Start();
            Pairs[0].Start();
        }

        public void Stop(int node)
        {
            Pairs[node].RequestStop();
            while (!Pairs[node].Join(Day))
            {
            }
        }

        public void Check()
        {
            Assert.Equal(Enumerable.Range(1, Devices[1].Delivered.Count), Devices[1].Delivered);
            Assert.True(Devices[1].Delivered.Count <= Devices[0].Fetched);
            foreach (var pair in Pairs)
            {
                var status = pair.GetStatus();
                Assert.Equal(ProxyState.Stopped, status.Sender.State);
                Assert.Equal(ProxyState.Stopped, status.Receiver.State);
                pair.Dispose();
            }

            Assert.All(Devices, CheckEnd);
            var sender = Pairs[0].GetStatus().Sender;
            Assert.Equal(Devices[0].Fetched, sender.Commands);
            Assert.True(sender.Lost + sender.UnknownFate >= Devices[0].Fetched - Devices[1].Delivered.Count);
            Assert.All(Transport.Links, static link => Assert.True(link.IsAborted && link.Disposals == 2));
        }

        // The driver hears of both ends before the first thread goes, the sender's thread goes first, and nothing comes after.
        private static void CheckEnd(ControlledDevice device)
        {
            Assert.Equal(2, device.Exits);
            if (device.IsUnbound)
            {
                return;
            }

            Assert.Equal(["exit of the sender", "exit of the receiver"], device.Events[^2..]);
            Assert.Equal(ProxyConnectionChange.SenderDisconnected.ToString(), device.Events.FindLast(static item => item.StartsWith("Sender", StringComparison.Ordinal)));
            Assert.Equal(ProxyConnectionChange.ReceiverDisconnected.ToString(), device.Events.FindLast(static item => item.StartsWith("Receiver", StringComparison.Ordinal)));
        }

        private static ProxyPair Create(ControlledDevice device, int peer, ControlledTransport transport, SessionOptions options)
        {
            var (resolved, environment) = SessionWorld.CreateParts(device, peer, transport, options);
            return new ProxyPair(resolved, environment);
        }
    }
}
