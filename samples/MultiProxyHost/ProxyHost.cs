using System.Runtime.InteropServices;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Emulation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MultiProxyHost;

/// <summary>The proxy of a node as a service of the generic host: a driver, a classic file's options, a log on standard error.</summary>
internal static class ProxyHost
{
    /// <summary>The word for the driver that lives in this process.</summary>
    public const string Emulated = "emulated";

    // Held, because a registration that is collected is none any more.
    private static PosixSignalRegistration? _terminationOfThreads;

    /// <summary>Runs until SIGINT or SIGTERM.</summary>
    /// <param name="configuration">The file, loaded: it has no errors.</param>
    /// <param name="driver"><see cref="Emulated"/>, or the path of the kernel driver's device.</param>
    /// <param name="nodeId">Id of the node for the emulated driver; null for what the file says. The kernel driver has its own.</param>
    /// <param name="isVerbose">Whether the log has everything.</param>
    /// <param name="cancellation">Ends it, too.</param>
    /// <exception cref="DvkException">The driver cannot be had, or refuses; the message says what to do.</exception>
    /// <exception cref="ConfigurationException">The file does not fit the driver.</exception>
    public static async Task RunAsync(
        ClassicConfiguration configuration, string driver, int? nodeId, bool isVerbose, CancellationToken cancellation)
    {
        foreach (var warning in configuration.Diagnostics)
        {
            await Console.Error.WriteLineAsync(warning.ToString());
        }

        // A stop ends it. Parking it instead (onstop) wants somebody who resumes it: 'dvs-proxy run' does, at SIGHUP.
        configuration.Options.OnStop = ProxyStopMode.End;

        using var device = OpenDriver(driver, nodeId ?? configuration.Options.NodeId);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging
            .SetMinimumLevel(isVerbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Critical)
            .AddConsole(static options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(device);
        builder.Services.AddDvsProxy(configuration.ApplyTo);
        using var host = builder.Build();
        await host.StartAsync(cancellation);
        if (driver == Emulated)
        {
            StartContainer(device, configuration.Options.Peers);
        }

        await host.WaitForShutdownAsync(cancellation);
    }

    private static IDvkDevice OpenDriver(string driver, int? nodeId)
    {
        if (driver == Emulated)
        {
            return EmulatedDvk.StartNode(nodeId ?? throw new ConfigurationException(
                "The emulated driver needs the id of this node: write it into the node section of the file (nodeid), or give --node."));
        }

        // The driver sends SIGTERM to a process when a thread of a pair has ended: after the host has let go of signals, that must not
        // end the process. One that comes while the proxy serves, as when an operator unbinds a pair, stops this program;
        // 'dvs-proxy run' tells the two apart.
        _terminationOfThreads = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true);
        return KernelDvkDevice.Open(new KernelDvkDeviceOptions { Path = driver });
    }

    // What an operator does for the kernel driver: 'dvs-proxy dc init 0', and 'dvs-proxy node add' for each peer.
    private static void StartContainer(IDvkDevice device, IEnumerable<PeerOptions> peers)
    {
        device.StartDc(new DcInfo { DcId = 0, Name = "DC0" });
        foreach (var peer in peers)
        {
            try
            {
                device.AddNode(0, peer.ProxyId);
            }
            catch (DvkException exception) when (exception.Error == DvkError.NodeInDc)
            {
                // The file says so, too (dcs), and the proxy was quicker.
            }
        }
    }
}
