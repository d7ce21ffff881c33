using System.Diagnostics;
using System.Xml.Linq;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>
/// Runs the tests that need the native stand-in in a process into which it is preloaded, and looks whether the stand-in found a fault in
/// anything it was given.
/// </summary>
public class KernelStandInRunTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void What_is_special_about_the_kernel_device_holds_on_the_stand_in() => RunOnStandIn($"{nameof(KernelOnStandInTests)}.", atLeast: 20);

    [Fact]
    public void What_is_bound_is_remembered_and_what_is_unbound_forgotten_on_the_stand_in() => RunOnStandIn($"{nameof(KernelBindingTests)}.", atLeast: 5);

    [Fact]
    public void What_the_driver_would_not_survive_does_not_reach_the_stand_in() => RunOnStandIn($"{nameof(KernelTrapTests)}.", atLeast: 10);

    [Fact]
    public void The_kernel_device_keeps_the_contract_on_the_stand_in() => RunOnStandIn($"{nameof(KernelDvkContractTests)}.", atLeast: 100);

    [Fact]
    public void Nodes_on_the_stand_in_understand_each_other_and_emulated_ones() => RunOnStandIn($"{nameof(KernelMeshTests)}.", atLeast: 11);

    [Fact]
    public void The_stand_in_notices_malformed_calls() => RunOnStandIn($"{nameof(StandInChecksTests)}.", atLeast: 11);

    [Fact]
    public void Processes_that_share_the_stand_ins_state_meet_in_one_driver()
    {
        var state = Directory.CreateTempSubdirectory("dvk-state-");
        try
        {
            var prefix = Path.Combine(state.FullName, "driver");
            RunOnStandIn($"{nameof(SharedDriverTests)}.{nameof(SharedDriverTests.One_process_initialises_the_driver)}", atLeast: 1, prefix);
            RunOnStandIn($"{nameof(SharedDriverTests)}.{nameof(SharedDriverTests.Another_process_finds_it_initialised)}", atLeast: 1, prefix);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    private static void RunOnStandIn(string tests, int atLeast, string? statePrefix = null)
    {
        var library = NativeStandIn.RequirePath();
        Assert.SkipWhen(NativeStandIn.IsPreloaded, "this is the process under the stand-in");
        var folder = Directory.CreateTempSubdirectory("dvk-standin-");
        try
        {
            var report = Path.Combine(folder.FullName, "violations.txt");
            var (exitCode, output) = RunTests(tests, library, report, folder.FullName, statePrefix);
            var violations = File.Exists(report) ? File.ReadAllText(report) : "";
            Assert.True(exitCode == 0, $"the tests on the stand-in failed with exit code {exitCode}:\n{output}\n{violations}");
            Assert.Equal("", violations);

            var counters = XDocument.Load(Path.Combine(folder.FullName, "result.trx")).Descendants().Single(element => element.Name.LocalName == "Counters");
            var total = (int)counters.Attribute("total")!;
            Assert.True(total >= atLeast, $"only {total} tests ran on the stand-in:\n{output}");
            Assert.Equal(total, (int)counters.Attribute("passed")!);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int ExitCode, string Output) RunTests(
        string tests, string library, string report, string results, string? statePrefix)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[
            "exec", typeof(KernelStandInRunTests).Assembly.Location, "-noLogo", "-noColor", "-noAutoReporters",
            "-filterVSTest", $"FullyQualifiedName~.{tests}",
            "-result-trx", Path.Combine(results, "result.trx")])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LD_PRELOAD"] = library;
        start.Environment["DVK_STANDIN_REPORT"] = report;
        start.Environment["DVK_STANDIN_OPTIONS"] = "sigterm=0";
        start.Environment[NativeStandIn.Marker] = "1";
        if (statePrefix is not null)
        {
            start.Environment["DVK_STANDIN_STATE"] = statePrefix;
        }

        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = child.StandardError.ReadToEndAsync();
        if (!child.WaitForExit(Limit))
        {
            child.Kill(entireProcessTree: true);
            return (-1, $"no end after {Limit}:\n{output.Result}\n{errors.Result}");
        }

        return (child.ExitCode, output.Result + errors.Result);
    }
}
