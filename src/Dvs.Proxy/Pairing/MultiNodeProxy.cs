using System.Security.Cryptography;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Serves all peers of this node: a proxy pair for each, and the listeners they share. Runs as a hosted service (see
/// <c>services.AddDvsProxy</c>) or by hand with <see cref="StartAsync"/> and <see cref="StopAsync"/>. Started once; thread-safe.
/// </summary>
public sealed class MultiNodeProxy : BackgroundService
{
    private readonly IDvkProxyCalls _device;
    private readonly ProxyOptions _options;
    private readonly TransportRegistry _transports;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly List<ProxyPair> _pairs = [];
    private readonly List<PeerListener> _listeners = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _watchTimer;
    private ProxyMetrics? _metrics;
    private DateTimeOffset _startedAt;
    private int _localNodeId = -1;

    /// <summary>A proxy that is yet to be started.</summary>
    /// <param name="device">The driver of this node. Not disposed with the proxy.</param>
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
        _transports = transports ?? new TransportRegistry([new TcpTransport()]);
        _logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Dvs.Proxy");
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Id of this node as the driver says; -1 before the start.</summary>
    public int LocalNodeId => _localNodeId;

    /// <summary>Where the proxy listens, with the ports the system chose where none were given. Empty before the start.</summary>
    public IReadOnlyList<TransportEndpoint> ListeningEndpoints => [.. _listeners.Select(listener => listener.Endpoint)];

    /// <summary>Validates the options against the driver, listens, and registers and starts every pair.</summary>
    /// <exception cref="OptionsValidationException">The options have errors; the message has all of them.</exception>
    /// <exception cref="DvkException">The driver refused; what was registered before is taken back.</exception>
    /// <exception cref="ProxyTransportException">A listener could not be opened.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        var limits = _device.GetDvsInfo();
        _localNodeId = _device.LocalNodeId;
        var peers = ResolvePeers(limits);
        var router = new CommandRouter(_device, limits.MaxTasks);
        var environment = new ProxyEnvironment(
            _device, limits, _localNodeId, _options.Abi, _transports, _logger, _time, new LoadMonitor(_time), router, CreateProcessSessionId())
        {
            LogBurst = _options.LogBurst,
            LogPeriod = _options.LogPeriod,
        };
        _startedAt = _time.GetUtcNow();
        try
        {
            _pairs.AddRange(peers.Select(peer => new ProxyPair(peer, environment)));
            _pairs.ForEach(pair => router.Add(pair.NodeId, pair.Outbox));
            await ListenAsync(peers, environment, cancellationToken).ConfigureAwait(false);
            _pairs.ForEach(static pair => pair.Start());
        }
        catch
        {
            await StopPairsAsync().ConfigureAwait(false);
            throw;
        }

        _listeners.ForEach(static listener => listener.Start());
        _watchTimer = _time.CreateTimer(_ => _pairs.ForEach(static pair => pair.Watch()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _metrics = new ProxyMetrics(_localNodeId, GetStatus);
        ProxyLog.Started(_logger, _localNodeId, _pairs.Count);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends every connection and thread within <see cref="ProxyOptions.ShutdownTimeout"/> and leaves the driver clean.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopPairsAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        ProxyLog.Stopped(_logger, _localNodeId);
    }

    /// <summary>All pairs at this moment. Cheap enough for once a second.</summary>
    public ProxyStatus GetStatus() => new()
    {
        NodeId = _localNodeId,
        StartedAt = _startedAt,
        TakenAt = _time.GetUtcNow(),
        Pairs = [.. _pairs.Select(static pair => pair.GetStatus())],
    };

    /// <summary>
    /// Asks a peer's proxy to bind a process of this node at its driver (control message RMTBIND), so that processes there can reach it. The
    /// peer waits a while for its DC to include this node.
    /// </summary>
    /// <param name="peerNodeId">The peer.</param>
    /// <param name="dcId">The DC.</param>
    /// <param name="endpoint">The endpoint of the process of this node.</param>
    /// <param name="name">Its name, at most 13 bytes travel.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <returns>The peer driver's result.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such peer.</exception>
    public Task<DvkError> RequestRemoteBindAsync(int peerNodeId, int dcId, int endpoint, string name, CancellationToken cancellationToken = default) =>
        FindPair(peerNodeId).Control.RequestRemoteBindAsync(dcId, endpoint, name, cancellationToken);

    /// <summary>Sets the load thresholds of a peer's proxy (control message LOAD_THRESHOLDS) and returns its CPU load in percent.</summary>
    /// <param name="peerNodeId">The peer.</param>
    /// <param name="thresholds">The new marks and period.</param>
    /// <param name="cancellationToken">Gives up waiting for the answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such peer.</exception>
    public Task<int> SetPeerLoadThresholdsAsync(int peerNodeId, LoadThresholds thresholds, CancellationToken cancellationToken = default) =>
        FindPair(peerNodeId).Control.RequestLoadThresholdsAsync(thresholds, cancellationToken);

    /// <inheritdoc/>
    public override void Dispose()
    {
        StopPairsAsync().GetAwaiter().GetResult();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _stopped.Task;

    private IReadOnlyList<ResolvedPeer> ResolvePeers(DvsInfo limits)
    {
        var diagnostics = ProxyOptionsRules.Validate(_options, limits, _localNodeId, _transports.Names);
        var errors = diagnostics.Where(static diagnostic => diagnostic.Severity == ConfigurationSeverity.Error).ToList();
        if (errors.Count > 0)
        {
            throw new OptionsValidationException(nameof(ProxyOptions), typeof(ProxyOptions), errors.Select(static error => error.ToString()));
        }

        foreach (var warning in diagnostics)
        {
            ProxyLog.ConfigurationWarning(_logger, warning.ToString());
        }

        return PeerResolver.Resolve(_options, limits, _localNodeId);
    }

    private async Task ListenAsync(IReadOnlyList<ResolvedPeer> peers, ProxyEnvironment environment, CancellationToken cancellationToken)
    {
        var limits = new AdmissionLimits(_options.HandshakeTimeout, _options.MaxPendingConnections, _options.MaxPendingPerAddress);

        // Port 0 asks for a port of its own for each peer; every other place is opened once for all that name it.
        var places = peers.Zip(_pairs).GroupBy(
            static item => (item.First.TransportName, item.First.Listen, Own: item.First.Listen.Port == 0 ? item.First.ProxyId : -1));
        foreach (var place in places)
        {
            var transport = _transports.Get(place.Key.TransportName);
            var listener = await transport.ListenAsync(place.Key.Listen, cancellationToken).ConfigureAwait(false);
            List<ProxyPair> sharing = [.. place.Select(static item => item.Second)];
            _listeners.Add(new PeerListener(listener, sharing, environment, limits));
            ProxyLog.Listening(_logger, listener.LocalEndpoint.ToString(), transport.Name, string.Join(", ", sharing.Select(static pair => pair.Name)));
        }
    }

    private async Task StopPairsAsync()
    {
        if (_stopped.Task.IsCompleted)
        {
            return;
        }

        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync().ConfigureAwait(false);
        }

        _pairs.ForEach(static pair => pair.RequestStop());
        await Task.WhenAll(_pairs.Select(pair => Task.Factory.StartNew(
            () => pair.Join(_options.ShutdownTimeout), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).ConfigureAwait(false);
        if (_watchTimer is not null)
        {
            await _watchTimer.DisposeAsync().ConfigureAwait(false);
        }

        _metrics?.Dispose();
        _pairs.ForEach(static pair => pair.Dispose());
        _stopped.TrySetResult();
    }

    // Tells peers whether they talk to the same process as before; zero means none.
    private static ulong CreateProcessSessionId()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BitConverter.ToUInt64(bytes));
    }

    private ProxyPair FindPair(int nodeId) =>
        _pairs.Find(pair => pair.NodeId == nodeId)
        ?? throw new ArgumentOutOfRangeException(nameof(nodeId), nodeId, $"Node {nodeId} is no peer of this proxy; its peers are {string.Join(", ", _pairs.Select(static pair => pair.NodeId))}.");
}
