using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Commands;

/// <summary>What a user does wrong is answered with a message that helps, exit code 2, no stack trace, and nothing on standard output.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("frobnicate", "'frobnicate'")]
    [InlineData("--formt json", "'--formt'")]
    [InlineData("demo --format yaml", "--format is text or json, not \"yaml\".")]
    [InlineData("demo --time-limit 0", "--time-limit is a number of seconds from 1.")]
    [InlineData("run", "'--config' is required")]
    [InlineData("run --config", "'--config'")]
    [InlineData("run --config {folder}/missing.cfg", "missing.cfg: error: cannot read the file: it does not exist.")]
    [InlineData("run --config {folder}/no-node.cfg", "needs the id of this node")]
    [InlineData("run --config {folder}/no-node.cfg --node 0 --device {folder}/dvk", "{folder}/dvk")]
    [InlineData("run --config {folder}/no-node.cfg --node nine", "nine")]
    [InlineData("check-config", "Required argument missing for command: 'check-config'.")]
    [InlineData("status --socket {folder}/nothing.sock", "there is no socket {folder}/nothing.sock. Start one with: dvs-proxy run --config FILE")]
    [InlineData("status --socket {folder}/no-node.cfg", "No proxy answers on {folder}/no-node.cfg")]
    public async Task A_mistake_is_explained_and_ends_with_exit_code_2(string arguments, string message)
    {
        _folder.Write("no-node.cfg", "proxy node1 { proxyid 1; compress NO; batch NO; };\n");

        await using var host = await ChildProcess.RunHostAsync(Fill(arguments).Split(' '));

        host.AssertExitCode(2);
        Assert.Contains(Fill(message), host.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Error, StringComparison.Ordinal);
        Assert.Equal("", host.Output);
    }

    [Theory]
    [InlineData("--help", "demo")]
    [InlineData("run --help", "--device")]
    [InlineData("check-config --help", "FILE")]
    [InlineData("status --help", "--socket")]
    public async Task Help_ends_with_exit_code_0_and_does_not_name_hidden_verbs(string arguments, string part)
    {
        await using var host = await ChildProcess.RunHostAsync(arguments.Split(' '));

        host.AssertExitCode(0);
        Assert.Contains(part, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("demo-node", host.Output, StringComparison.Ordinal);
    }

    private string Fill(string text) => text.Replace("{folder}", _folder.ToString(), StringComparison.Ordinal);
}
