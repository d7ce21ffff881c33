namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>A process that ends while its proxy runs, with nobody who stops the proxy first.</summary>
public class UnannouncedExitTests
{
    [Theory]
    [InlineData("exit")]
    [InlineData("return")]
    public async Task The_pairs_end_in_order_before_the_process_does(string way)
    {
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        await using var process = ChildProcess.Start(dotnet, ["exec", typeof(UnannouncedExit).Assembly.Location, UnannouncedExit.Verb, way]);

        await process.WaitForExitAsync(Limits.Condition);

        process.AssertExitCode(UnannouncedExit.Code);
        var calls = process.Output.TrimEnd().Split('\n');
        Assert.Equal(["proxy_conn 1 ReceiverDisconnected", "proxy_conn 1 SenderDisconnected"], calls[^4..^2].Order(StringComparer.Ordinal));
        Assert.Equal(["exit 1 sender", "exit 1 receiver"], calls[^2..]);
    }
}
