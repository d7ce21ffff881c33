using System.Buffers;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Receiving;
using Dvs.Proxy.Pairing.Sending;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.Exploration.Scheduling;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dvs.Proxy.Tests.Exploration.Scenarios;

/// <summary>What to set up.</summary>
internal sealed record SessionOptions
{
    public int Commands { get; init; } = 2;

    public int WindowFrames { get; init; } = 64;

    public int Capacity { get; init; } = int.MaxValue;

    public int MostLinks { get; init; } = int.MaxValue;

    public TimeSpan ResumeWindow { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan AcknowledgementDelay { get; init; }

    /// <summary>As over TCP: the sender itself reads what the peer says, and the watcher only waits for the end; and a read can be interrupted, so
    /// that a planned stop takes its leave.</summary>
    public bool SenderReads { get; init; }

    /// <summary>See <see cref="ControlledDevice.HoldsDelivery"/>.</summary>
    public bool HoldsDelivery { get; init; }

    /// <summary>The receiving side is not run: bytes pile up.</summary>
    public bool HasReceiver { get; init; } = true;
}

/// <summary>The sender of node 0 and the receiver of node 1, as a pair runs them, on threads of the scheduler. One direction.</summary>
internal sealed class SessionWorld
{
    private readonly SessionOptions _options;
    private readonly ControlHandler _senderControl;
    private readonly PairContext _senderContext;
    private readonly PairContext _receiverContext;
    private readonly ConnectionHandover _slot;
    private readonly Thread _senderThread;
    private readonly Thread _receiverThread;

    public SessionWorld(SessionOptions options)
    {
        _options = options;
        From = new ControlledDevice(0, 1, options.Commands);
        To = new ControlledDevice(1, 0, 0) { HoldsDelivery = options.HoldsDelivery };
        Transport = new ControlledTransport(connection => _slot!.Offer(connection, order: 0)) { Capacity = options.Capacity, MostLinks = options.MostLinks, SenderReads = options.SenderReads };
        _senderContext = CreateContext(From, 1, Transport, options);
        _receiverContext = CreateContext(To, 0, Transport, options);
        _slot = new ConnectionHandover(_receiverContext.Lifetime, _receiverContext.Environment.Time);
        _senderControl = new ControlHandler(_senderContext);
        Sender = new SenderProxy(_senderContext, _senderControl.CreateHello);
        Receiver = new ReceiverProxy(_receiverContext, _slot, new ControlHandler(_receiverContext));
        _senderThread = Scheduler.Active.Create(() => RunSender(), "sender");
        _receiverThread = Scheduler.Active.Create(Receiver.Run, "receiver");
    }

    public ControlledDevice From { get; }

    public ControlledDevice To { get; }

    public ControlledTransport Transport { get; }

    public SenderProxy Sender { get; }

    public ReceiverProxy Receiver { get; }

    public static PairContext CreateContext(ControlledDevice device, int peerNode, ControlledTransport transport, SessionOptions options)
    {
        var (peer, environment) = CreateParts(device, peerNode, transport, options);
        var context = new PairContext(peer, environment);
        context.Binding.OnBound();
        return context;
    }

    public static (ResolvedPeer Peer, ProxyEnvironment Environment) CreateParts(
        ControlledDevice device, int peerNode, ControlledTransport transport, SessionOptions options)
    {
        var time = new ControlledTime();
        var environment = new ProxyEnvironment(
            device, ControlledDevice.Limits, device.LocalNodeId, DataModel.Lp64, new TransportRegistry([transport]),
            new ProxyLogger(NullLogger.Instance, time, 10, TimeSpan.FromSeconds(10), new LogFailures()), time,
            new LoadMonitor(time, static () => (0, 0)), new OutboxRouter(device, ControlledDevice.Limits.MaxTasks), 7);
        return (CreatePeer(peerNode, options), environment);
    }

    private void RunSender()
    {
        _senderContext.Binding.OnSenderStarted(From.CurrentThreadId);
        Sender.Run();
    }

    public void Start()
    {
        Scheduler.Active.Start(_senderThread);
        if (_options.HasReceiver)
        {
            StartReceiver();
        }
    }

    public void StartReceiver() => Scheduler.Active.Start(_receiverThread);

    /// <summary>A thread that cuts the connection once there is one, at a time of the schedule's choice.</summary>
    public Thread StartCutter() => StartThread("cutter", () =>
    {
        Controlled.Block(() => Transport.Live is not null || IsSenderDone);
        Controlled.Point("cutter");
        Transport.Live?.Abort();
    });

    public static Thread StartThread(string name, Action body)
    {
        var thread = Scheduler.Active.Create(new ThreadStart(body), name);
        Scheduler.Active.Start(thread);
        return thread;
    }

    public bool IsSenderDone => Scheduler.Active.IsDone(_senderThread);

    /// <summary>All commands were delivered.</summary>
    public void WaitForAll() => Controlled.Block(() => To.Delivered.Count >= _options.Commands);

    /// <summary>Connects as the peer would, sends nothing and goes.</summary>
    public void ConnectAndLeave()
    {
        var connection = Transport.ConnectAsync(new TransportEndpoint("peer", 1), default).WaitBlocking();
        connection.Abort();
        connection.DisposeAsync().WaitBlocking();
    }

    /// <summary>Stops the sender as its pair does: asks, waits, cuts, waits.</summary>
    public void StopSender()
    {
        Sender.RequestStop();
        if (!Controlled.Join(_senderThread, TimeSpan.FromSeconds(5)))
        {
            Sender.AbortConnection();
            Sender.RequestStop();
        }

        Controlled.Join(_senderThread);
    }

    public void StopReceiver()
    {
        if (_options.HasReceiver)
        {
            Receiver.RequestStop();
            Controlled.Join(_receiverThread);
        }
    }

    /// <summary>What holds of every execution, once both have stopped.</summary>
    public void Check()
    {
        var delivered = To.Delivered;
        Assert.Equal(Enumerable.Range(1, delivered.Count), delivered);
        var fetched = From.Fetched;
        Assert.True(delivered.Count <= fetched, "More was delivered than fetched.");
        var counters = _senderContext.SenderCounters;
        Assert.Equal(fetched, counters.Commands);
        var left = counters.Lost + counters.UnknownFate;
        Assert.True(counters.Lost <= fetched - delivered.Count, $"{counters.Lost} counted lost, {delivered.Count} of {fetched} delivered");
        Assert.True(left >= fetched - delivered.Count, $"{left} accounted for, {delivered.Count} of {fetched} delivered");
        Assert.Equal(fetched - LastAcknowledged(), left);
        CheckChanges(From.Changes, ProxyConnectionChange.SenderConnected, ProxyConnectionChange.SenderDisconnected);
        CheckChanges(To.Changes, ProxyConnectionChange.ReceiverConnected, ProxyConnectionChange.ReceiverDisconnected);
        Sender.Dispose();
        _receiverContext.Lifetime.Stop();
        _slot.Close(ConnectionEnd.Stopped);
        Assert.All(Transport.Links, link => Assert.True(link.IsAborted && link.Disposals == 2, "A connection was left open."));
    }

    // The driver is told in turn, and at the end the direction is disconnected.
    private static void CheckChanges(List<ProxyConnectionChange> changes, ProxyConnectionChange connected, ProxyConnectionChange disconnected)
    {
        Assert.True(changes.Count % 2 == 0, $"The driver was told {string.Join(", ", changes)}");
        for (var index = 0; index < changes.Count; index++)
        {
            Assert.Equal(index % 2 == 0 ? connected : disconnected, changes[index]);
        }
    }

    // The highest acknowledgement that the sender's side has read: one frame is one command here, numbered from 1.
    private long LastAcknowledged()
    {
        var last = 0UL;
        foreach (var link in Transport.Links)
        {
            using var reader = new FrameReader(new FrameReaderOptions { Layout = WireLayout.Lp64, MaxPayload = 1024 });
            var input = new ReadOnlySequence<byte>(link.Answers.ToArray());
            while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
            {
                if (SessionMessage.TryReadAcknowledgement(in frame.Command, out var acknowledged))
                {
                    last = Math.Max(last, acknowledged);
                }
                else if (SessionMessage.TryRead(in frame.Command, out SessionAccept accept))
                {
                    last = Math.Max(last, accept.Delivered);
                }
                else if (SessionMessage.TryRead(in frame.Command, out SessionClose close))
                {
                    last = Math.Max(last, close.Delivered);
                }
            }
        }

        return (long)last;
    }

    private static ResolvedPeer CreatePeer(int node, SessionOptions options) => new()
    {
        Options = new PeerOptions
        {
            Name = "peer",
            ProxyId = node,
            Transport = "memory",
            FillInSourceProcessId = false,
            UseSession = true,
            WindowBytes = 16 * 1024,
            WindowFrames = options.WindowFrames,
            ResumeWindow = options.ResumeWindow,
            AcknowledgementDelay = options.AcknowledgementDelay,
            HelloPeriod = TimeSpan.FromSeconds(20),
            BackoffMinimum = TimeSpan.FromMilliseconds(100),
            BackoffMaximum = TimeSpan.FromMilliseconds(100),
            ConnectTimeout = TimeSpan.FromSeconds(3),
        },
        DriverName = "peer",
        Remote = new TransportEndpoint("peer", 1),
        Listen = new TransportEndpoint(null, 1),
        Compress = PayloadCompression.Off,
        CompressBatches = false,
        FrameDigest = FrameDigestKind.None,
        MaxBatchCommands = 0,
        IdleTimeout = TimeSpan.FromSeconds(60),
        Allow = [],
    };
}
