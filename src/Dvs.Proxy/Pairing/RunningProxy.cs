using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// What a multi-node proxy is made of once it runs: owns its pairs, their listeners, the watch over both and the metrics; the set of them
/// never changes. Park, resume and end come one at a time; the rest is thread-safe. Behaviour: MultiNodeProxyTests, ParkTests.
/// </summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);

    private readonly ProxyEnvironment _environment;
    private readonly ProxyOptions _options;
    private readonly ProxyPair[] _pairs;
    private readonly ListenerSet _listeners;
    private readonly DcMembership _membership;
    private readonly ITimer _watchTimer;
    private readonly ProxyMetrics _metrics;
    private readonly DateTimeOffset _startedAt;
    private int _isWatching;

    private RunningProxy(ProxyOptions options, IReadOnlyList<ResolvedPeer> peers, ProxyEnvironment environment)
    {
        _environment = environment;
        _options = options;
        _startedAt = environment.Time.GetUtcNow();
        _pairs = [.. peers.Select(peer => new ProxyPair(peer, environment))];
        Array.ForEach(_pairs, pair => environment.Router.Add(pair.NodeId, pair.Outbox));
        _listeners = new ListenerSet(
            peers.Zip(_pairs, static (peer, pair) => (peer, (IAdmissionCandidate)pair.Admission)), environment,
            new AdmissionLimits(options.HandshakeTimeout, options.MaxPendingConnections, options.MaxPendingPerAddress));
        _membership = new DcMembership(environment.Device, environment.Limits, peers, environment.Logger);
        _metrics = new ProxyMetrics(environment.LocalNodeId, GetStatus);
        _watchTimer = environment.Time.CreateTimer(
            static running => ((RunningProxy)running!).Watch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Listens, and registers and starts every pair; where that fails, all is taken back.</summary>
    /// <exception cref="DvkException">The driver refused.</exception>
    /// <exception cref="ProxyTransportException">A listener could not be opened.</exception>
    public static async Task<RunningProxy> StartAsync(
        ProxyOptions options, IReadOnlyList<ResolvedPeer> peers, ProxyEnvironment environment, CancellationToken cancellationToken)
    {
        var running = new RunningProxy(options, peers, environment);
        try
        {
            await running.StartAsync(cancellationToken).ConfigureAwait(false);
            return running;
        }
        catch
        {
            await running.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Id of this node as the driver says.</summary>
    public int NodeId => _environment.LocalNodeId;

    /// <summary>The pairs, in the order of the options.</summary>
    public IReadOnlyList<ProxyPair> Pairs => _pairs;

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<TransportEndpoint> Endpoints => _listeners.Endpoints;

    /// <summary>The log.</summary>
    public ProxyLogger Logger => _environment.Logger;

    /// <summary>All pairs at this moment.</summary>
    public ProxyStatus GetStatus() => new()
    {
        NodeId = NodeId,
        StartedAt = _startedAt,
        TakenAt = _environment.Time.GetUtcNow(),
        LogFailures = Logger.Failures.Total,
        Pairs = [.. _pairs.Select(static pair => pair.GetStatus())],
    };

    /// <summary>Closes the network and has every pair wait outside the driver.</summary>
    public async Task ParkAsync()
    {
        await _listeners.CloseAsync().ConfigureAwait(false);
        ProxyPair[] parking = [.. _pairs.Where(static pair => pair.RequestPark())];
        await ForEachAsync(parking, pair => pair.WaitUntilParked(_options.ShutdownTimeout)).ConfigureAwait(false);
        ProxyLog.Parked(Logger, _environment.LocalNodeId, Counted.Of(parking.Length, "pair"));
    }

    /// <summary>Listens again, and has the parked pairs serve.</summary>
    /// <exception cref="ProxyTransportException">A listener could not be opened; nothing has changed.</exception>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        await _listeners.OpenAsync(cancellationToken).ConfigureAwait(false);
        var resumed = _pairs.Count(static pair => pair.Resume());
        _listeners.Start();
        ProxyLog.Resumed(Logger, _environment.LocalNodeId, Counted.Of(resumed, "pair"));
    }

    /// <summary>Ends every connection and thread, however far the start came.</summary>
    public async ValueTask DisposeAsync()
    {
        await FaultBarrier.RunAsync(Logger, "closing the listeners", _listeners.CloseAsync).ConfigureAwait(false);
        var bound = _pairs.Count(static pair => pair.IsBound);
        if (bound > 0 && !ThreadsMayEnd)
        {
            ProxyLog.ThreadsEnd(Logger, _environment.LocalNodeId, Counted.Of(bound, "pair"));
        }

        Array.ForEach(_pairs, static pair => FaultBarrier.Run(pair.Logger, "asking the pair to stop", pair.RequestStop));
        await ForEachAsync(
            _pairs,
            pair => FaultBarrier.Run(pair.Logger, "waiting for the pair's end", () => pair.Join(_options.ShutdownTimeout))).ConfigureAwait(false);
        await _watchTimer.DisposeAsync().ConfigureAwait(false);
        Array.ForEach(_pairs, static pair => FaultBarrier.Run(pair.Logger, "giving back what the pair holds", pair.Dispose));
        _metrics.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await _listeners.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (!ThreadsMayEnd)
        {
            ProxyLog.DriverKeepsThreads(Logger, NodeId);
        }

        Array.ForEach(_pairs, static pair => pair.Start());
        _membership.Restore();
        _listeners.Start();
        _watchTimer.Change(WatchPeriod, WatchPeriod);
    }

    private bool ThreadsMayEnd => (_environment.Device.Fixes & DvkFixes.ThreadExit) != 0;

    private static Task ForEachAsync(IEnumerable<ProxyPair> pairs, Action<ProxyPair> wait) => Task.WhenAll(pairs.Select(pair =>
        Task.Factory.StartNew(() => wait(pair), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

    // A call of the driver may hang; the timer's next tick must not hang beside it.
    private void Watch()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) != 0)
        {
            return;
        }

        try
        {
            Array.ForEach(_pairs, static pair => FaultBarrier.Run(pair.Logger, "the watch over the pair", pair.Watch));
            FaultBarrier.Run(Logger, "the watch over the DCs", _membership.Watch);
        }
        finally
        {
            Volatile.Write(ref _isWatching, 0);
        }
    }
}
