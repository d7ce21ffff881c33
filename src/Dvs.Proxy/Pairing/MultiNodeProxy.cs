using System.Security.Cryptography;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Unix;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Serves all peers of this node: a proxy pair for each, and the listeners they share. Runs as a hosted service (see
/// <c>services.AddDvsProxy</c>) or by hand with <see cref="StartAsync"/> and <see cref="StopAsync"/>. Started once. Thread-safe: what
/// changes it comes one at a time, in the order of the calls; any call may come at any time.
/// </summary>
/// <remarks>
/// Where the driver does not survive the end of a thread that is bound to it, a running proxy can be parked instead of stopped
/// (<see cref="ParkAsync"/>), and resumed. A process that exits with a running or parked proxy ends it in order first. One that is killed
/// cannot, and a signal that nobody handles kills: a process without a host that stops the proxy on SIGTERM has to do so itself.
/// </remarks>
public sealed class MultiNodeProxy : BackgroundService, IAsyncDisposable
{
    private readonly IDvkProxyCalls _device;
    private readonly ProxyOptions _options;
    private readonly TransportRegistry _transports;
    private readonly TimeProvider _time;
    private readonly ProxyLogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Replaced as a whole, by whoever has the turn.
    private volatile State _state = new(Phase.Created, null);

    private enum Phase
    {
        Created,
        Running,
        Parked,
        Ended,
    }

    // What runs, or has run; null where nothing was started.
    private sealed record State(Phase Phase, RunningProxy? Proxy);

    /// <summary>A proxy that is yet to be started.</summary>
    /// <param name="device">
    /// The driver of this node. Not disposed with the proxy. Where it is also an <see cref="IDvkAdministrationCalls"/>, as the drivers of
    /// this library are, the proxy lets DCs extend to its peers by itself (<see cref="PeerOptions.Dcs"/>).
    /// </param>
    /// <param name="options">What to serve; validated at start.</param>
    /// <param name="transports">The transports that the configuration may name; null for TCP alone.</param>
    /// <param name="loggerFactory">Where to log; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public MultiNodeProxy(
        IDvkProxyCalls device,
        IOptions<ProxyOptions> options,
        TransportRegistry? transports = null,
        ILoggerFactory? loggerFactory = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        _device = device;
        _options = options.Value;
        _transports = transports ?? new TransportRegistry([new TcpTransport(), new UnixSocketTransport()]);
        _time = time ?? TimeProvider.System;
        _logger = new ProxyLogger(
            (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Dvs.Proxy"), _time,
            ProxyOptions.DefaultLogBurst, ProxyOptions.DefaultLogPeriod, new LogFailures());
    }

    /// <summary>Id of this node as the driver says; -1 before the start.</summary>
    public int LocalNodeId => _state.Proxy?.NodeId ?? -1;

    /// <summary>Where the proxy listens, with the ports the system chose where none were given. Empty before the start, and while it is
    /// parked.</summary>
    public IReadOnlyList<TransportEndpoint> ListeningEndpoints => _state.Proxy?.Endpoints ?? [];

    /// <summary>True while the proxy is parked.</summary>
    public bool IsParked => _state.Phase == Phase.Parked;

    /// <summary>Validates the options against the driver, listens, and registers and starts every pair.</summary>
    /// <exception cref="OptionsValidationException">The options have errors; the message has all of them.</exception>
    /// <exception cref="DvkException">The driver refused; what was registered before is taken back.</exception>
    /// <exception cref="ProxyTransportException">A listener could not be opened.</exception>
    /// <exception cref="InvalidOperationException">It was started before, or has ended.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state.Phase != Phase.Created)
            {
                throw new InvalidOperationException(
                    $"This proxy {(_state.Phase == Phase.Ended ? "has ended" : "was started before")}. "
                    + "A multi-node proxy is started once: make another one.");
            }

            await StartRunningAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends every connection and thread within <see cref="ProxyOptions.ShutdownTimeout"/> and leaves the driver clean: it hears that both
    /// directions of a pair are disconnected before the first thread of the pair ends, and the threads end one after the other. With
    /// <see cref="ProxyStopMode.Park"/> (<see cref="ProxyOptions.OnStop"/>) a proxy that serves is parked instead; stopping it again ends
    /// it. Does nothing where it was not started, or has ended.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            switch (_state)
            {
                case { Phase: Phase.Created }:
                    return;
                case { Phase: Phase.Running, Proxy: { } running } when _options.OnStop == ProxyStopMode.Park:
                    await ParkRunningAsync(running).ConfigureAwait(false);
                    return;
                default:
                    await EndRunningAsync().ConfigureAwait(false);
                    break;
            }
        }
        finally
        {
            _turn.Release();
        }

        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Parks a running proxy: what was fetched is sent (in a session: until the peer has acknowledged it, or
    /// <see cref="ProxyOptions.ShutdownTimeout"/> is over), connections and listeners are closed, and the driver is told that every peer is
    /// disconnected, so that processes that wait for one fail with EDVSNOTCONN. The threads stay, bound to the driver, and call it no more.
    /// Sessions keep what is unacknowledged. Does nothing where it is parked already.
    /// </summary>
    /// <remarks>
    /// What the proxy has not fetched from the driver is no session's: with the disconnect the driver fails the requests of local processes
    /// that wait to be fetched, and forgets acknowledgements to processes of the peer. A process of the peer that waits for one of those,
    /// or for a reply that a local one could not give meanwhile, runs into its own time-out, or fails when the peer's resume window is
    /// over.
    /// </remarks>
    /// <param name="cancellationToken">Gives up waiting for its turn.</param>
    /// <exception cref="InvalidOperationException">It is not running.</exception>
    public async Task ParkAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (RequireStarted() is { Phase: Phase.Running, Proxy: { } running })
            {
                await ParkRunningAsync(running).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Lets a parked proxy serve again: it listens at the same places and connects to its peers, with the same binding to the driver, and
    /// sessions go on where they were. Does nothing where it serves already.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProxyTransportException">A listener could not be opened; the proxy stays parked.</exception>
    /// <exception cref="InvalidOperationException">It is neither parked nor running.</exception>
    public async Task ResumeAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (RequireStarted() is { Phase: Phase.Parked, Proxy: { } parked })
            {
                await parked.ResumeAsync(cancellationToken).ConfigureAwait(false);
                MoveTo(Phase.Running, parked);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>All pairs at this moment. Cheap enough for once a second.</summary>
    public ProxyStatus GetStatus() => _state.Proxy?.GetStatus() ?? new ProxyStatus
    {
        NodeId = -1,
        StartedAt = default,
        TakenAt = _time.GetUtcNow(),
        LogFailures = _logger.Failures.Total,
        Pairs = [],
    };

    /// <summary>
    /// Makes a process of this node known on all other nodes of its DC, so that processes there can send to it and get messages from it: the proxy of each
    /// binds it there as a process of this node (control message RMTBIND). Concerned are the peers that the DC extends to, or is to extend to by
    /// <see cref="PeerOptions.Dcs"/>. To be made again when another node's driver has forgotten it; a process that is known already stays so. Any thread.
    /// </summary>
    /// <param name="dcId">The DC.</param>
    /// <param name="endpoint">The process's endpoint.</param>
    /// <param name="name">Its name there, of which 13 bytes travel; not empty.</param>
    /// <param name="timeout">How long to wait for all answers, more than 0; null for 15 s. A peer waits 10 s for its DC to extend to this node.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DvkException">Not all nodes know it now; the message says of each that does not why. <see cref="DvkError.TimedOut"/>: no
    /// answer.</exception>
    /// <exception cref="InvalidOperationException">The proxy does not run.</exception>
    public Task AnnounceAsync(int dcId, int endpoint, string name, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var limit = timeout ?? ProcessAnnouncer.DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(timeout));
        _ = RequireStarted();
        return new ProcessAnnouncer(_device, Pairs, _time).AnnounceAsync(new AnnouncedProcess(dcId, endpoint, name), limit, cancellationToken);
    }

    /// <summary>As <see cref="AnnounceAsync(int, int, string, TimeSpan?, CancellationToken)"/>, of a process that was started with
    /// <see cref="DvkProcess.Start"/>, and with the default time-out.</summary>
    /// <param name="process">The process.</param>
    /// <exception cref="DvkException">Not all nodes know it now.</exception>
    /// <exception cref="InvalidOperationException">The proxy does not run.</exception>
    public Task AnnounceAsync(DvkProcessHandle process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return AnnounceAsync(process.DcId, process.Endpoint, process.Name);
    }

    /// <summary>
    /// Asks a peer's proxy to bind a process of this node at its driver (control message RMTBIND), so that processes there can reach it.
    /// The peer waits a while for its DC to include this node. <see cref="AnnounceAsync(DvkProcessHandle)"/> asks all.
    /// </summary>
    /// <param name="peerNodeId">The peer.</param>
    /// <param name="dcId">The DC.</param>
    /// <param name="endpoint">The endpoint of the process of this node.</param>
    /// <param name="name">Its name, at most 13 bytes travel.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>The peer driver's result.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such peer.</exception>
    public Task<DvkError> RequestRemoteBindAsync(
        int peerNodeId, int dcId, int endpoint, string name, CancellationToken cancellationToken = default) =>
        FindPair(peerNodeId).Control.RequestRemoteBindAsync(dcId, endpoint, name, cancellationToken);

    /// <summary>Sets the load thresholds of a peer's proxy (control message LOAD_THRESHOLDS) and returns its CPU load in percent.</summary>
    /// <param name="peerNodeId">The peer.</param>
    /// <param name="thresholds">The new marks and period.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such peer.</exception>
    public Task<int> SetPeerLoadThresholdsAsync(int peerNodeId, LoadThresholds thresholds, CancellationToken cancellationToken = default) =>
        FindPair(peerNodeId).Control.RequestLoadThresholdsAsync(thresholds, cancellationToken);

    /// <summary>Ends the proxy as <see cref="StopAsync"/> does, parked or not; one that was not started can then not be started any
    /// more.</summary>
    public override void Dispose()
    {
        EndAsync().GetAwaiter().GetResult();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>As <see cref="Dispose"/>, without blocking the caller.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _ended.Task;

    private async Task StartRunningAsync(CancellationToken cancellationToken)
    {
        try
        {
            var logger = _logger.With(_options.LogBurst, _options.LogPeriod);
            var limits = _device.GetDvsInfo();
            var nodeId = _device.LocalNodeId;
            var peers = ResolvePeers(logger, limits, nodeId);
            var environment = new ProxyEnvironment(
                _device, limits, nodeId, _options.DataModel, _transports, logger, _time, new LoadMonitor(_time),
                new OutboxRouter(_device, limits.MaxTasks), CreateProcessSessionId());
            var running = await RunningProxy.StartAsync(_options, peers, environment, cancellationToken).ConfigureAwait(false);
            AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
            MoveTo(Phase.Running, running);
            ProxyLog.Started(logger, nodeId, Counted.Of(peers.Count, "peer"));
        }
        catch
        {
            MoveTo(Phase.Ended, null);
            throw;
        }
    }

    private async Task ParkRunningAsync(RunningProxy running)
    {
        await running.ParkAsync().ConfigureAwait(false);
        MoveTo(Phase.Parked, running);
    }

    private async Task EndAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await EndRunningAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task EndRunningAsync()
    {
        if (_state is not { Phase: not Phase.Ended } state)
        {
            return;
        }

        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (state.Proxy is { } running)
        {
            await running.DisposeAsync().ConfigureAwait(false);
            ProxyLog.Stopped(running.Logger, running.NodeId);
        }

        MoveTo(Phase.Ended, state.Proxy);
    }

    // By whoever has the turn.
    private void MoveTo(Phase phase, RunningProxy? running)
    {
        Invariant.Require(
            phase switch
            {
                Phase.Running => _state.Phase is Phase.Created or Phase.Parked,
                Phase.Parked => _state.Phase == Phase.Running,
                Phase.Ended => _state.Phase != Phase.Ended,
                _ => false,
            },
            "A multi-node proxy's phases are out of order.");
        _state = new State(phase, running);
        if (phase == Phase.Ended)
        {
            _ended.TrySetResult();
        }
    }

    private State RequireStarted()
    {
        var state = _state;
        return state.Phase is Phase.Running or Phase.Parked
            ? state
            : throw new InvalidOperationException($"The proxy {(state.Phase == Phase.Created ? "was not started" : "has ended")}.");
    }

    private IReadOnlyList<ResolvedPeer> ResolvePeers(ProxyLogger logger, DvsInfo limits, int nodeId)
    {
        var diagnostics = ProxyOptionsRules.Validate(_options, limits, nodeId, _transports.Names);
        var errors = diagnostics.Where(static diagnostic => diagnostic.Severity == ConfigurationSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            throw new OptionsValidationException(
                nameof(ProxyOptions), typeof(ProxyOptions), errors.Select(static error => error.ToString()));
        }

        foreach (var warning in diagnostics)
        {
            ProxyLog.ConfigurationWarning(logger, warning.ToString());
        }

        return PeerResolver.Resolve(_options, limits, nodeId);
    }

    // Whoever ends the process without a word to us: the threads still end in order. A process that is killed has no such moment.
    private void OnProcessExit(object? sender, EventArgs arguments)
    {
        try
        {
            EndAsync().GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // Nobody is left to hear of it, and an exception here would turn an exit into a crash.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProxyLog.ExitFailed(_logger, LocalNodeId, exception);
        }
    }

    // Tells peers whether they talk to the same process as before; zero means none.
    private static ulong CreateProcessSessionId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BitConverter.ToUInt64(bytes));
    }

    private IReadOnlyList<ProxyPair> Pairs => _state.Proxy?.Pairs ?? [];

    private ProxyPair FindPair(int nodeId) =>
        Pairs.FirstOrDefault(pair => pair.NodeId == nodeId)
        ?? throw new ArgumentOutOfRangeException(
            nameof(nodeId), nodeId, $"Node {nodeId} is no peer of this proxy, which {DescribePeers()}.");

    private string DescribePeers() => Pairs.Count switch
    {
        0 => "has none: it does not run, or none is configured",
        1 => $"has node {Pairs[0].NodeId} only",
        _ => $"has nodes {string.Join(", ", Pairs.Select(static pair => pair.NodeId))}",
    };
}
