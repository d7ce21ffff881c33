using System.CommandLine;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.Tool.Commands;

/// <summary><c>check-config</c>: every error and warning of a file, and what was understood of it.</summary>
internal static class CheckConfigCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "configuration file in the classic format" };
        file.Validators.Add(SharedOptions.RefuseEmpty);
        var node = new Option<int?>("--node") { Description = "id of this node, where the file does not say it", HelpName = "N" };
        var device = new Option<string?>("--device")
        {
            Description = "check against this driver's limits and node id, not against the usual ones",
            HelpName = "/dev/dvk"
        };
        var fixes = SharedOptions.DriverFixes();
        var format = SharedOptions.Format();
        var command = new Command("check-config", "Checks a configuration file; exit code 0 if the proxy could start with it") { file, node,
            device, fixes, format };
        command.SetAction(async (parsed, _) =>
        {
            var report = Check(parsed.GetValue(file)!, parsed.GetValue(node), parsed.GetValue(device), parsed.GetValue(fixes));
            if (parsed.GetValue(format) == OutputFormat.Json)
            {
                await HostJson.WriteAsync(Console.Out, report, HostJson.Default.ConfigurationReport);
            }
            else
            {
                ConfigurationTextWriter.Write(Console.Out, report);
            }

            return report.Errors == 0 ? ExitCode.Success : ExitCode.CannotRun;
        });
        return command;
    }

    private static ConfigurationReport Check(string file, int? nodeId, string? deviceName, DvkFixes? fixes)
    {
        var configuration = ClassicConfiguration.Read(file);
        if (deviceName is null || DeviceFactory.IsEmulated(deviceName))
        {
            return ConfigurationReport.Create(configuration, new DvsInfo(), nodeId ?? -1);
        }

        using var device = DeviceFactory.Open(deviceName, nodeId, fixes);
        return ConfigurationReport.Create(configuration, device.GetDvsInfo(), device.LocalNodeId);
    }
}
