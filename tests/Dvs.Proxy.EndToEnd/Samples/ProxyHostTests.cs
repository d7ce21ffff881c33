using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The sample's own <c>run</c>.</summary>
public sealed class ProxyHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwoNodeFiles _files;

    public ProxyHostTests() => _files = new TwoNodeFiles(_folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM", "")]
    [InlineData("INT", "onstop park;")]
    public async Task Two_hosts_connect_and_a_signal_ends_each_with_exit_code_0(string signal, string key)
    {
        _files.Write(0, node: key);
        await using var node0 = ChildProcess.StartSample("run", "--config", _files[0]);
        await using var node1 = ChildProcess.StartSample("run", "--config", _files[1], "--node", "1", "--device", "emulated", "--verbose");
        await UntilLoggedAsync(node0, "Peer node1: sender connected to");
        await UntilLoggedAsync(node0, "Peer node1: receiver connected from");
        await UntilLoggedAsync(node1, "Peer node0: sender connected to");

        foreach (var node in new[] { node0, node1 })
        {
            await node.SignalAsync(signal);
            await node.WaitForExitAsync(Limits.Condition);
            node.AssertExitCode(0);
            Assert.Contains("proxy stopped.", node.Error, StringComparison.Ordinal);
            Assert.Equal("", node.Output);
        }
    }

    [Theory]
    [InlineData("run", "'--config' is required")]
    [InlineData("run --config {folder}/0.cfg --socket {folder}/0.sock", "'--socket'")]
    [InlineData("run --config {folder}/missing.cfg", "missing.cfg: error: cannot read the file: it does not exist.")]
    [InlineData("run --config {folder}/no-node.cfg", "needs the id of this node")]
    [InlineData("run --config {folder}/0.cfg --node 5", "0.cfg:1:")]
    [InlineData("run --config {folder}/0.cfg --device {folder}/dvk", "{folder}/dvk")]
    public async Task A_mistake_is_explained_and_ends_with_exit_code_2(string arguments, string message)
    {
        _folder.Write("no-node.cfg", "proxy node1 { proxyid 1; compress NO; batch NO; };\n");

        await using var host = await ChildProcess.RunSampleAsync(Fill(arguments).Split(' '));

        host.AssertExitCode(2);
        Assert.Contains(Fill(message), host.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Error, StringComparison.Ordinal);
        Assert.Equal("", host.Output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_and_ends_it_with_exit_code_2()
    {
        await using var first = ChildProcess.StartSample("run", "--config", _files[0]);
        await UntilLoggedAsync(first, "Node 0: proxy started with");

        await using var second = await ChildProcess.RunSampleAsync("run", "--config", _files[0]);

        second.AssertExitCode(2);
        Assert.Contains($"Cannot listen on {_files.Host}:{_files.PortOf(0)}", second.Error, StringComparison.Ordinal);
    }

    private static Task<string> UntilLoggedAsync(ChildProcess process, string text) =>
        Limits.UntilAsync(() => Task.FromResult(process.Error), error => error.Contains(text, StringComparison.Ordinal), $"the log says: {text}");

    private string Fill(string text) => text.Replace("{folder}", $"{_folder}", StringComparison.Ordinal);
}
