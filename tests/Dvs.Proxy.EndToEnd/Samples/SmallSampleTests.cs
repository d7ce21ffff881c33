using System.Globalization;
using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The samples that are read first do what they say.</summary>
public class SmallSampleTests
{
    [Fact]
    public async Task Two_nodes_exchange_a_message_and_a_megabyte()
    {
        await using var sample = await RunAsync("TwoNodes", LoopbackPorts.FindTwo().ToString(CultureInfo.InvariantCulture));

        sample.AssertExitCode(0);
        Assert.Equal("1,048,576 bytes from node 1, all of them right\n", sample.Output);
    }

    [Fact]
    public async Task A_transport_and_a_decorator_of_one_s_own_carry_and_show_every_command()
    {
        await using var sample = await RunAsync("CustomTransport");

        sample.AssertExitCode(0);
        Assert.Contains("the server's answer: 42\n", sample.Output, StringComparison.Ordinal);
        Assert.Contains("node 0 sends    SendReceiveMessage, endpoint 10 to 5, 0 bytes\n", sample.Output, StringComparison.Ordinal);
        Assert.Contains("node 1 receives SendReceiveMessage, endpoint 10 to 5: OK\n", sample.Output, StringComparison.Ordinal);
        Assert.Contains("node 0 receives ReplyMessage, endpoint 5 to 10: OK\n", sample.Output, StringComparison.Ordinal);
    }

    private static async Task<ChildProcess> RunAsync(string name, params string[] arguments)
    {
        var sample = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, name), arguments, environment: DotnetCommand.RuntimeOfTests);
        await sample.WaitForExitAsync(Limits.Demo);
        return sample;
    }
}
