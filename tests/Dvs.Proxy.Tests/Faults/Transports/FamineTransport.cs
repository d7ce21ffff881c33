using Dvs.Proxy.Tests.Faults.Schedules;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>Another transport that fails to connect and to accept now and then with exceptions that no transport promises: what a want of
/// memory, descriptors or threads brings about.</summary>
internal sealed class FamineTransport(IProxyTransport inner, FaultSchedule schedule, string node) : IProxyTransport
{
    private int _attempts;

    public string Name => inner.Name;

    public async ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(local, cancellationToken), schedule, node);

    public ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken) =>
        schedule.Famine($"{node} connects", Interlocked.Increment(ref _attempts) - 1) is { } exception
            ? ValueTask.FromException<ProxyConnection>(exception)
            : inner.ConnectAsync(remote, cancellationToken);

    private sealed class Listener(IProxyListener inner, FaultSchedule schedule, string node) : IProxyListener
    {
        private int _attempts;

        public TransportEndpoint LocalEndpoint => inner.LocalEndpoint;

        public ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            schedule.Famine($"{node} accepts", _attempts++) is { } exception
                ? ValueTask.FromException<ProxyConnection?>(exception)
                : inner.AcceptAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
