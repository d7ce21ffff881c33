using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>
/// Another transport with faults in it. Of the connections it makes the way out has faults, and of those it accepts the way back: so with
/// one of these at every node, every direction has them once.
/// </summary>
/// <param name="inner">The transport that carries the bytes; its name is taken over.</param>
/// <param name="schedule">The faults.</param>
/// <param name="node">Name of the node, to tell its links from those of others.</param>
internal sealed class FaultyTransport(IProxyTransport inner, FaultSchedule schedule, string node) : IProxyTransport
{
    private int _attempts;
    private int _connected;

    public string Name => inner.Name;

    /// <summary>Connections made so far.</summary>
    public int Connected => Volatile.Read(ref _connected);

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(local, cancellationToken), this, $"{node} accepted");

    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var attempt = Interlocked.Increment(ref _attempts) - 1;
        return schedule.Refuses($"{node} attempt", attempt)
            ? ValueTask.FromException<ProxyConnection>(new ProxyTransportException($"Cannot connect to {remote}: connection refused: the schedule says so."))
            : ConnectFaultyAsync(remote, cancellationToken);
    }

    private async ValueTask<ProxyConnection> ConnectFaultyAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var connection = await inner.ConnectAsync(remote, cancellationToken);
        return Make(connection, $"{node} connected", Interlocked.Increment(ref _connected) - 1);
    }

    private FaultyConnection Make(ProxyConnection connection, string link, int ordinal) =>
        new(connection, schedule.Script(link, ordinal), schedule.IsPolled(link, ordinal));

    private sealed class Listener(IProxyListener inner, FaultyTransport transport, string link) : IProxyListener
    {
        private int _accepted;

        public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

        public async ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken)
        {
            var connection = await inner.AcceptAsync(cancellationToken);
            return connection is null ? null : transport.Make(connection, link, _accepted++);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
