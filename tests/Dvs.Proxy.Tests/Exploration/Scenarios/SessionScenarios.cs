using Dvs.Proxy.Tests.Exploration.Scheduling;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>Sender, watcher and receiver of a session against cuts and stops.</summary>
internal static class SessionScenarios
{
    /// <summary>A cut at any point: everything arrives once and in order, and then the sender ends with nothing left.</summary>
    public static void Cut(SessionOptions options) => CutToTheEnd(options);

    /// <summary>A stop of the sender at any point, with a cut at any point.</summary>
    public static void Stop(SessionOptions options) => CutAndStop(options);

    /// <summary>The receiver stops first, at any point: the sender loses its peer and is stopped while it tries to come back.</summary>
    public static void PeerStops(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.Start();
        var peer = SessionWorld.StartThread("peer stopper", world.StopReceiver);
        var stopper = SessionWorld.StartThread("stopper", world.StopSender);
        Controlled.Join(peer);
        Controlled.Join(stopper);
        world.Check();
    }

    /// <summary>A window of two frames and a connection that holds one: back-pressure, acknowledgements, a cut and a stop.</summary>
    public static void FullWindow(SessionOptions options) => CutAndStop(options with { Commands = 5, WindowFrames = 2, Capacity = 200 });

    /// <summary>The same to its end: nothing stops before all is delivered.</summary>
    public static void FullWindowToTheEnd(SessionOptions options) => CutToTheEnd(options with { Commands = 5, WindowFrames = 2, Capacity = 200 });

    /// <summary>A peer that takes the connection and never reads: a stop ends it all the same.</summary>
    public static void StalledPeer(SessionOptions options)
    {
        var world = new SessionWorld(options with { HasReceiver = false, Capacity = 200 });
        world.Start();
        var stopper = SessionWorld.StartThread("stopper", world.StopSender);
        Controlled.Join(stopper);
        world.Check();
    }

    /// <summary>The connection is cut and does not come back; the resume window runs out against a stop.</summary>
    public static void GiveUp(SessionOptions options)
    {
        var world = new SessionWorld(options with { MostLinks = 1, ResumeWindow = TimeSpan.FromMilliseconds(250) });
        world.Start();
        var cutter = world.StartCutter();
        var stopper = SessionWorld.StartThread("stopper", () =>
        {
            Controlled.Block(static () => false, 1000);
            world.StopSender();
        });
        Controlled.Join(stopper);
        world.StopReceiver();
        Controlled.Join(cutter);
        world.Check();
    }

    /// <summary>The resume window is as long as the wait before the next attempt: giving up races with coming back, and with a stop.</summary>
    public static void GiveUpOrReturn(SessionOptions options)
    {
        var world = new SessionWorld(options with { Commands = 2, ResumeWindow = TimeSpan.FromMilliseconds(100) });
        world.Start();
        var cutter = world.StartCutter();
        var second = world.StartCutter();
        var stopper = SessionWorld.StartThread("stopper", () =>
        {
            Controlled.Block(static () => false, 150);
            world.StopSender();
        });
        Controlled.Join(stopper);
        world.StopReceiver();
        Controlled.Join(cutter);
        Controlled.Join(second);
        world.Check();
    }

    /// <summary>The peer's driver holds its receiver up, so that nobody reads: a stop ends the sender by cutting its connection.</summary>
    public static void StalledDelivery(SessionOptions options)
    {
        var world = new SessionWorld(options with { Commands = 4, Capacity = 200, HoldsDelivery = true });
        world.Start();
        var stopper = SessionWorld.StartThread("stopper", world.StopSender);
        Controlled.Join(stopper);
        world.To.HoldsDelivery = false;
        world.StopReceiver();
        world.Check();
    }

    /// <summary>A newer connection of the same peer replaces the one that delivers, at any point; the session comes back.</summary>
    public static void Replaced(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.Start();
        var rival = SessionWorld.StartThread("rival", world.ConnectAndLeave);
        world.WaitForAll();
        Controlled.Join(rival);
        world.StopSender();
        world.StopReceiver();
        world.Check();
    }

    /// <summary>The same with a stop of both sides at any point.</summary>
    public static void ReplacedAndStopped(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.Start();
        var rival = SessionWorld.StartThread("rival", world.ConnectAndLeave);
        var peer = SessionWorld.StartThread("peer stopper", world.StopReceiver);
        var stopper = SessionWorld.StartThread("stopper", world.StopSender);
        Controlled.Join(rival);
        Controlled.Join(peer);
        Controlled.Join(stopper);
        world.Check();
    }

    /// <summary>A receiver alone, stopped as its connection ends: a small world, so that it can be explored further.</summary>
    public static void ReceiverStops(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.StartReceiver();
        var visitor = SessionWorld.StartThread("visitor", world.ConnectAndLeave);
        world.StopReceiver();
        Controlled.Join(visitor);
        world.Check();
    }

    /// <summary>Acknowledgements that wait for more, against a full window, a cut and a stop.</summary>
    public static void DelayedAcknowledgements(SessionOptions options) => CutToTheEnd(options with { Commands = 4, WindowFrames = 2, AcknowledgementDelay = TimeSpan.FromMilliseconds(1) });

    // One connection is cut at any point; all arrives, and then both sides stop.
    private static void CutToTheEnd(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.Start();
        var cutter = world.StartCutter();
        world.WaitForAll();
        Controlled.Join(cutter);
        world.StopSender();
        world.StopReceiver();
        world.Check();
    }

    // One connection is cut and the sender stopped, both at any point.
    private static void CutAndStop(SessionOptions options)
    {
        var world = new SessionWorld(options);
        world.Start();
        var cutter = world.StartCutter();
        var stopper = SessionWorld.StartThread("stopper", world.StopSender);
        Controlled.Join(stopper);
        world.StopReceiver();
        Controlled.Join(cutter);
        world.Check();
    }
}
