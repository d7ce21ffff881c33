using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dvs.MultiProxyHost.Control;

/// <summary>Stops the host on SIGINT, SIGQUIT and SIGTERM; a SIGTERM that <see cref="DriverTermination"/> explains is logged and ignored.</summary>
internal sealed partial class SignalLifetime(IHostApplicationLifetime application, DriverTermination? driver, ILogger<SignalLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        Register(PosixSignal.SIGINT, Stop);
        Register(PosixSignal.SIGQUIT, Stop);
        Register(PosixSignal.SIGTERM, () => _ = StopUnlessFromDriverAsync());
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _oneAtATime.Dispose();
    }

    private void Register(PosixSignal signal, Action action) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));

    private void Stop() => application.StopApplication();

    private async Task StopUnlessFromDriverAsync()
    {
        if (driver is null || application.ApplicationStopping.IsCancellationRequested)
        {
            Stop();
            return;
        }

        await _oneAtATime.WaitAsync();
        try
        {
            if (await driver.FindUnboundPairAsync() is { } peer)
            {
                LogIgnored(logger, peer);
                return;
            }
        }
        finally
        {
            _oneAtATime.Release();
        }

        Stop();
    }

    [LoggerMessage(1, LogLevel.Warning, "SIGTERM ignored: the driver sends one when it unbinds a pair, and that of {Peer} was just unbound. The other peers are served on. Send it again to stop.")]
    private static partial void LogIgnored(ILogger logger, string peer);
}
