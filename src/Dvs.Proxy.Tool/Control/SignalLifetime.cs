using System.Runtime.InteropServices;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Pairing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// What signals do to the host. SIGINT, SIGQUIT and SIGTERM stop it; where a stop parks, the first one parks the proxy and the next one
/// ends the host. SIGHUP resumes a parked proxy. A SIGTERM that <see cref="DriverTermination"/> explains is logged and ignored.
/// </summary>
internal sealed partial class SignalLifetime(
    IHostApplicationLifetime application, Func<MultiNodeProxy> getProxy, ProxyStopMode onStop, DriverTermination? driver,
        ILogger<SignalLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        Register(PosixSignal.SIGINT, () => _ = StopAsync(driver: null));
        Register(PosixSignal.SIGQUIT, () => _ = StopAsync(driver: null));
        Register(PosixSignal.SIGTERM, () => _ = StopAsync(driver));
        Register(PosixSignal.SIGHUP, () => _ = ResumeAsync());
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

    // Whoever stops a host that does not serve yet, or not any more, wants its end.
    private bool IsServing => application.ApplicationStarted.IsCancellationRequested && !application.ApplicationStopping.IsCancellationRequested;

    // A signal is not lost, whatever comes between: who cannot park ends.
    private async Task StopAsync(DriverTermination? driver)
    {
        try
        {
            if (IsServing && (driver is not null || onStop == ProxyStopMode.Park) && await StaysAsync(driver))
            {
                return;
            }
        }
        catch (Exception exception)
        {
            LogStopsAnyway(logger, exception);
        }

        application.StopApplication();
    }

    private async Task<bool> StaysAsync(DriverTermination? driver)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (driver is not null && await driver.FindUnboundPairAsync() is { } peer)
            {
                LogIgnored(logger, peer);
                return true;
            }

            return onStop == ProxyStopMode.Park && await TryParkAsync();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    // False: it was parked already, or does not run.
    private async Task<bool> TryParkAsync()
    {
        var proxy = getProxy();
        if (proxy.IsParked)
        {
            LogEndsForGood(logger);
            return false;
        }

        try
        {
            await proxy.ParkAsync();
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        LogParked(logger, Environment.ProcessId);
        return true;
    }

    private async Task ResumeAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (!IsServing || !getProxy().IsParked)
            {
                LogNothingToResume(logger);
                return;
            }

            await getProxy().ResumeAsync();
        }
        catch (Exception exception)
        {
            LogStaysParked(logger, exception.Message);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "SIGTERM ignored: the driver sends one when it unbinds a pair, and that of {Peer} was just unbound. The other peers are served "
        + "on. Send it again to stop.")]
    private static partial void LogIgnored(ILogger logger, string peer);

    [LoggerMessage(2, LogLevel.Warning,
        "The host stays, because a stop parks here (onstop, --on-stop). 'kill -HUP {ProcessId}' lets it serve again; another stop "
        + "signal ends it for good.")]
    private static partial void LogParked(ILogger logger, int processId);

    [LoggerMessage(3, LogLevel.Warning, "Stopped a second time while parked: the host ends for good.")]
    private static partial void LogEndsForGood(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "SIGHUP ignored: it resumes a parked proxy, and this one is not parked.")]
    private static partial void LogNothingToResume(ILogger logger);

    [LoggerMessage(6, LogLevel.Error, "A stop signal was not handled as it should be. The host ends.")]
    private static partial void LogStopsAnyway(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "The proxy stays parked: {Reason} Send SIGHUP again when that is put right.")]
    private static partial void LogStaysParked(ILogger logger, string reason);
}
