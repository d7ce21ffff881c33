using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Kernel;

/// <summary>The sample's <c>run</c> on the kernel device.</summary>
public class KernelSampleTests
{
    [Fact]
    public async Task It_binds_its_pair_to_the_driver_and_a_stop_ends_it_with_exit_code_0()
    {
        using var machine = new StandInMachine(sharesState: true);
        await machine.ReadAsync("dvs", "init", "0");
        await machine.ReadAsync("dc", "init", "0");
        var files = new TwoNodeFiles(machine.Folder);
        await using var sample = machine.StartSample("run", "--config", files[0], "--device", "/dev/dvk");
        await Limits.UntilAsync(
            () => machine.ReadAsync("proxy", "info"),
            static text => text.StartsWith("proxy pair 1: bound\n", StringComparison.Ordinal),
            $"the pair is bound\n{sample.Describe()}");

        await sample.SignalAsync("TERM");
        await sample.WaitForExitAsync(Limits.Condition);

        sample.AssertExitCode(0);
        machine.AssertNoViolations();
    }

    [Fact]
    public async Task On_a_machine_that_is_no_node_yet_it_says_what_to_do_and_ends_with_exit_code_2()
    {
        using var machine = new StandInMachine(sharesState: true);
        var files = new TwoNodeFiles(machine.Folder);

        await using var sample = machine.StartSample("run", "--config", files[0], "--device", "/dev/dvk");
        await sample.WaitForExitAsync(Limits.Demo);

        sample.AssertExitCode(2);
        Assert.Contains("EDVSDVSINIT", sample.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", sample.Error, StringComparison.Ordinal);
    }
}
