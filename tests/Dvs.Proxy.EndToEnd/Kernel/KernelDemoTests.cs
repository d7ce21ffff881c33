using System.Text.Json;

namespace Dvs.Proxy.EndToEnd.Kernel;

/// <summary>The demo through the real P/Invoke path: two processes, real sockets, the native stand-in for the driver in each.</summary>
public class KernelDemoTests
{
    [Fact]
    public async Task The_campaign_passes_with_the_kernel_device_and_the_stand_in_finds_no_fault()
    {
        using var machine = new StandInMachine(sharesState: false);

        await using var demo = await machine.RunAsync("demo", "--device", "/dev/dvk", "--format", "json", "--time-limit", "300");

        demo.AssertExitCode(0);
        machine.AssertNoViolations();
        using var document = JsonDocument.Parse(demo.Output);
        Assert.True(document.RootElement.GetProperty("passed").GetBoolean());
        var combinations = document.RootElement.GetProperty("combinations").EnumerateArray().ToList();
        Assert.Equal(8, combinations.Count);
        Assert.All(combinations, static combination =>
        {
            Assert.True(combination.GetProperty("messages").GetInt64() > 0);
            Assert.True(combination.GetProperty("blocks").GetInt64() > 0);
            Assert.Equal(0, combination.GetProperty("errors").GetInt64());
        });
        Assert.Equal("", demo.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_driver_cannot_be_both_nodes_and_the_demo_says_so_before_it_binds_anything(bool isNodeAlready)
    {
        using var machine = new StandInMachine(sharesState: true);
        if (isNodeAlready)
        {
            await machine.ReadAsync("dvs", "init", "0");
        }

        // The driver as published: the end of a pair would be the end of every call on it.
        machine.Options = "strict=1";

        await using var demo = await machine.RunAsync("demo", "--device", "/dev/dvk", "--time-limit", "60");

        demo.AssertExitCode(1);
        Assert.Contains("At open the driver of each node: node 1: /dev/dvk is node 0 already, and one driver is one node.", demo.Output, StringComparison.Ordinal);
        if (!isNodeAlready)
        {
            Assert.Contains("EDVSDVSINIT", await machine.ReadRefusalAsync("dvs", "info"), StringComparison.Ordinal);
            await machine.ReadAsync("dvs", "init", "0");
        }

        Assert.StartsWith("No proxy pair is bound on this node.", await machine.ReadAsync("proxy", "info"), StringComparison.Ordinal);
        machine.AssertNoViolations();
    }
}
