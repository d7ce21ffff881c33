using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// Tells systemd, where it started the host as a service that notifies (<c>Type=notify</c>), that the host serves and that it ends. The signals stay with
/// <see cref="SignalLifetime"/>, which the lifetime of the systemd package would replace. Behaviour: ServiceNoticesTests.
/// </summary>
internal sealed class ServiceNotices(ISystemdNotifier notifier) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // After the start of every service: the proxy's pairs are bound and its ports listen.
    public Task StartedAsync(CancellationToken cancellationToken) => NotifyAsync(ServiceState.Ready);

    public Task StoppingAsync(CancellationToken cancellationToken) => NotifyAsync(ServiceState.Stopping);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task NotifyAsync(ServiceState state)
    {
        notifier.Notify(state);
        return Task.CompletedTask;
    }
}
