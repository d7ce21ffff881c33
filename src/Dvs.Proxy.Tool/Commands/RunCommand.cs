using System.CommandLine;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Tool.Control;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;
using Dvs.Proxy.Tool.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tool.Commands;

/// <summary><c>run</c>: the proxy of this node, until a signal ends it.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config") { Description = "configuration file in the classic format", HelpName = "FILE", Required = true };
        config.Validators.Add(SharedOptions.RefuseEmpty);
        var device = new Option<string>("--device")
        {
            Description = "the driver: emulated, or the path of the kernel driver's device",
            HelpName = "emulated|/dev/dvk",
            DefaultValueFactory = static _ => DeviceFactory.Emulated,
        };
        var fixes = SharedOptions.DriverFixes();
        var node = new Option<int?>("--node")
        {
            Description = "id of this node for the emulated driver (default: nodeid of the configuration)",
            HelpName = "N"
        };
        var withoutDc = new Option<bool>("--no-dc") { Description = "do not start DC 0 in the emulated driver" };
        var socket = SharedOptions.Socket($"status socket (default: nodeN.sock in {StatusSocketPath.Folder})");
        var verbose = SharedOptions.Verbose("log everything");
        var onStop = OnStop();
        var command = new Command("run", "Runs the proxy of this node until SIGINT or SIGTERM; see node0.cfg beside the program")
        {
            config, device, fixes, node, withoutDc, socket, verbose,
        };
        command.Options.Add(onStop);
        command.SetAction((parsed, cancellation) => RunAsync(
            new RunSettings(
                parsed.GetValue(config)!,
                parsed.GetValue(device)!,
                parsed.GetValue(fixes),
                parsed.GetValue(node),
                !parsed.GetValue(withoutDc),
                parsed.GetValue(socket),
                parsed.GetValue(verbose)),
            parsed.GetValue(onStop),
            cancellation));
        return command;
    }

    private static Option<ProxyStopMode?> OnStop() => new("--on-stop")
    {
        Description = "what SIGINT and SIGTERM do: end the host, or park the proxy: close the network and tell the driver, but keep the "
            + "threads, until SIGHUP resumes it or a second "
            + "signal ends it (default: onstop of the configuration)",
        HelpName = "end|park",
        CustomParser = static result =>
        {
            switch (result.Tokens[0].Value.ToUpperInvariant())
            {
                case "END":
                    return ProxyStopMode.End;
                case "PARK":
                    return ProxyStopMode.Park;
                default:
                    result.AddError($"--on-stop is end or park, not \"{result.Tokens[0].Value}\".");
                    return null;
            }
        },
    };

    private static async Task<int> RunAsync(RunSettings settings, ProxyStopMode? onStop, CancellationToken cancellation)
    {
        var configuration = ClassicConfiguration.Load(settings.ConfigFile);
        configuration.Options.OnStop = onStop ?? configuration.Options.OnStop;
        foreach (var warning in configuration.Diagnostics)
        {
            await Console.Error.WriteLineAsync(ForeignText.Escape(warning.ToString()));
        }

        using var device = DeviceFactory.Open(settings.Device, settings.NodeId ?? configuration.Options.NodeId, settings.Fixes);
        if (!DeviceFactory.IsEmulated(settings.Device))
        {
            // Before anything is made that needs the node's id.
            _ = device.GetDvsInfo();
            DriverSignals.OutliveThreads();
        }

        if (settings.NodeId is { } nodeId && nodeId != device.LocalNodeId)
        {
            throw new HostException($"--node says {nodeId}, but the driver {settings.Device} is node {device.LocalNodeId}.");
        }

        using var host = CreateHost(settings, configuration, device);
        await host.StartAsync(cancellation);
        if (settings.StartsDc && DeviceFactory.IsEmulated(settings.Device))
        {
            StartDc(device, configuration.Options.Peers);
        }

        await host.WaitForShutdownAsync(cancellation);
        return ExitCode.Success;
    }

    private static IHost CreateHost(RunSettings settings, ClassicConfiguration configuration, IDvkDevice device)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging
            .SetMinimumLevel(settings.Verbose ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Critical)
            .AddProvider(new LineLoggerProvider(HostStreams.Errors.Add, HostStreams.IsErrorColored));
        builder.Services.AddSingleton(device);
        builder.Services.AddDvsProxy(configuration.ApplyTo);
        builder.Services.AddSingleton<IHostLifetime>(provider => new SignalLifetime(
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<MultiNodeProxy>,
            configuration.Options.OnStop,
            DeviceFactory.IsEmulated(settings.Device) ? null
                : new DriverTermination(
                    () => provider.GetRequiredService<MultiNodeProxy>().GetStatus(),
                    nodeId => DriverReader.IsUnbound(device, nodeId)),
            provider.GetRequiredService<ILogger<SignalLifetime>>()));
        var socket = settings.Socket ?? StatusSocketPath.Make(device.LocalNodeId);
        builder.Services.AddSingleton<IHostedService>(provider =>
            new StatusServer(
                socket,
                () => new HostStatus(provider.GetRequiredService<MultiNodeProxy>().GetStatus(), HostStreams.Errors.LeftOut),
                request => OperatorCalls.Answer(device, request),
                provider.GetRequiredService<ILogger<StatusServer>>()));
        var notifier = new SystemdNotifier();
        if (notifier.IsEnabled)
        {
            builder.Services.AddSingleton<IHostedService>(new ServiceNotices(notifier));
        }

        return builder.Build();
    }

    // What an operator does with test_dc_init and test_add_node where the driver is the kernel's.
    private static void StartDc(IDvkDevice device, IEnumerable<PeerOptions> peers)
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
                // The proxy is told to do it, too (dcs), and was quicker.
            }
        }
    }

    private sealed record RunSettings(string ConfigFile, string Device, DvkFixes? Fixes, int? NodeId, bool StartsDc, string? Socket, bool Verbose);
}
