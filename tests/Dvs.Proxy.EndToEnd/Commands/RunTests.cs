using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Transport.Tls;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.EndToEnd.Commands;

/// <summary>Two proxies started with <c>run</c> from classic files.</summary>
public sealed class RunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwoNodeFiles _files;

    public RunTests() => _files = new TwoNodeFiles(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_proxies_connect_survive_a_kill_of_one_and_end_cleanly_on_sigterm()
    {
        await using var node0 = Start(0);
        await using (var node1 = Start(1))
        {
            await UntilConnectedAsync(0, true, node0, node1);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["0.sock"]));
            await node1.SignalAsync("KILL");
            await node1.WaitForExitAsync(Limits.Condition);
        }

        await UntilConnectedAsync(0, false, node0);

        // The killed process left its socket behind.
        Assert.True(File.Exists(_folder["1.sock"]));
        await using var again = Start(1);
        var status = await UntilConnectedAsync(0, true, node0, again);
        Assert.Equal(2, status.Pairs[0].Receiver.Connects);

        await using var text = await ChildProcess.RunHostAsync("status", "--socket", _folder["1.sock"]);
        text.AssertExitCode(0);
        Assert.StartsWith("node 1, up ", text.Output, StringComparison.Ordinal);
        Assert.Contains("1 of 1 peers connected", text.Output, StringComparison.Ordinal);

        await node0.SignalAsync("TERM");
        await node0.WaitForExitAsync(Limits.Condition);
        node0.AssertExitCode(0);
        Assert.False(File.Exists(_folder["0.sock"]));
        Assert.Contains("Node 0: proxy stopped.", node0.Error, StringComparison.Ordinal);
        Assert.Equal("", node0.Output);
        Assert.DoesNotContain('\x1b', node0.Error);
        await again.SignalAsync("INT");
        await again.WaitForExitAsync(Limits.Condition);
        again.AssertExitCode(0);
    }

    [Fact]
    public async Task Two_proxies_meet_at_sockets_that_are_files_and_meet_again_after_a_kill_left_one_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs Unix-domain sockets of Linux.");
        _files.WriteForUnixSockets(nodeId => _folder[$"node{nodeId}"]);
        await using var node0 = Start(0);
        await using (var node1 = Start(1))
        {
            await UntilConnectedAsync(0, true, node0, node1);
            await node1.SignalAsync("KILL");
            await node1.WaitForExitAsync(Limits.Condition);
        }

        await UntilConnectedAsync(0, false, node0);
        Assert.True(File.Exists(_folder["node1"]));
        await using var again = Start(1);
        var status = await UntilConnectedAsync(0, true, node0, again);
        Assert.Equal(_folder["node1"], status.Pairs[0].ConnectsTo);
        Assert.Equal(_folder["node0"], status.Pairs[0].ListensOn);
        await node0.SignalAsync("TERM");
        await node0.WaitForExitAsync(Limits.Condition);
        node0.AssertExitCode(0);
        Assert.False(File.Exists(_folder["node0"]));
    }

    [Fact]
    public async Task The_status_of_proxies_with_tls_shows_protocol_and_certificates()
    {
        using var pki = new TestPki();
        _files.Write(0, TlsSection(pki, "node0"));
        _files.Write(1, TlsSection(pki, "node1"));
        await using var node0 = Start(0);
        await using var node1 = Start(1);

        var pair = (await UntilConnectedAsync(0, true, node0, node1)).Pairs[0];

        Assert.Equal("CN=node0", pair.OwnCertificateSubject);
        Assert.InRange(pair.OwnCertificateExpires!.Value, DateTimeOffset.UtcNow.AddDays(360), DateTimeOffset.UtcNow.AddDays(370));
        Assert.Equal(("CN=node1", "CN=node1"), (pair.Sender.Tls?.PeerSubject, pair.Receiver.Tls?.PeerSubject));
        await using var text = await ChildProcess.RunHostAsync("status", "--socket", _folder["0.sock"]);
        text.AssertExitCode(0);
        Assert.Contains($"tls  our certificate CN=node0, valid until {pair.OwnCertificateExpires.Value.UtcDateTime:yyyy-MM-dd HH:mm} UTC", text.Output, StringComparison.Ordinal);
        Assert.Contains("to   Tls13 TLS_", text.Output, StringComparison.Ordinal);
        Assert.Contains("; its certificate CN=node1, valid until ", text.Output, StringComparison.Ordinal);
    }

    private static string TlsSection(TestPki pki, string name)
    {
        var files = pki.IssueFiles(name);
        return $"tls {{ cert \"{files.Certificate}\"; key \"{files.Key}\"; ca \"{files.Authorities}\"; }};";
    }

    [Fact]
    public async Task A_second_proxy_on_the_same_port_says_so_and_ends_with_exit_code_2()
    {
        await using var first = Start(0);
        await UntilAnsweredAsync(0, first);

        await using var second = await ChildProcess.RunHostAsync("run", "--config", _files[0], "--socket", _folder["second.sock"]);

        second.AssertExitCode(2);
        Assert.Contains($"Cannot listen on {_files.Host}:{_files.PortOf(0)}", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        Assert.Equal("", second.Output);
    }

    [Fact]
    public async Task A_second_proxy_on_the_same_status_socket_says_so_and_leaves_the_first_alone()
    {
        await using var first = Start(0);
        await UntilAnsweredAsync(0, first);

        await using var second = await ChildProcess.RunHostAsync("run", "--config", _files[1], "--socket", _folder["0.sock"]);

        second.AssertExitCode(2);
        Assert.Contains("Another proxy runs and answers on", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await StatusClient.ReadAsync(_folder["0.sock"], CancellationToken.None)).Proxy.NodeId);
    }

    [Fact]
    public async Task A_node_id_that_contradicts_the_file_is_an_error_of_the_configuration()
    {
        await using var host = await ChildProcess.RunHostAsync("run", "--config", _files[0], "--node", "5", "--socket", _folder["0.sock"]);

        host.AssertExitCode(2);
        Assert.Contains("0.cfg:1:", host.Error, StringComparison.Ordinal);
        Assert.Contains("nodeid", host.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TERM", "", "--on-stop", "PARK")]
    [InlineData("INT", "onstop park;")]
    public async Task A_proxy_that_parks_on_stop_stays_is_resumed_by_a_hang_up_and_ends_with_the_second_stop(string signal, string key, params string[] options)
    {
        _files.Write(0, node: key);
        await using var node0 = Start(0, options);
        await using var node1 = Start(1);
        await UntilConnectedAsync(0, true, node0, node1);
        await node0.SignalAsync("HUP");
        await UntilLoggedAsync(node0, "SIGHUP ignored");

        await node0.SignalAsync(signal);

        await StatusReader.UntilAsync(
            _folder["0.sock"], static status => status is { Pairs: [{ Sender.State: ProxyState.Parked, Receiver.State: ProxyState.Parked }] }, node0);
        await UntilConnectedAsync(1, false, node1);
        await UntilLoggedAsync(node0, $"'kill -HUP {node0.Id}' lets it serve again");
        await node0.SignalAsync("HUP");
        await UntilConnectedAsync(0, true, node0, node1);
        await node0.SignalAsync(signal);
        await StatusReader.UntilAsync(_folder["0.sock"], static status => status?.Pairs[0].Sender.State == ProxyState.Parked, node0);
        await node0.SignalAsync(signal);
        await node0.WaitForExitAsync(Limits.Condition);
        node0.AssertExitCode(0);
        Assert.Contains("the host ends for good.", node0.Error, StringComparison.Ordinal);
        Assert.Contains("Node 0: proxy stopped.", node0.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("exception", node0.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_stop_that_neither_ends_nor_parks_is_refused()
    {
        await using var host = await ChildProcess.RunHostAsync("run", "--config", _files[0], "--on-stop", "sleep");

        host.AssertExitCode(2);
        Assert.Contains("--on-stop is end or park, not \"sleep\".", host.Error, StringComparison.Ordinal);
    }

    private static Task<string> UntilLoggedAsync(ChildProcess process, string text) =>
        Limits.UntilAsync(() => Task.FromResult(process.Error), error => error.Contains(text, StringComparison.Ordinal), $"the log says: {text}");

    private ChildProcess Start(int nodeId, params string[] more) =>
        ChildProcess.StartHost(["run", "--config", _files[nodeId], "--socket", _folder[$"{nodeId}.sock"], .. more]);

    private Task<ProxyStatus> UntilAnsweredAsync(int nodeId, params ChildProcess[] processes) =>
        StatusReader.UntilAnsweredAsync(_folder[$"{nodeId}.sock"], processes);

    private async Task<ProxyStatus> UntilConnectedAsync(int nodeId, bool isConnected, params ChildProcess[] processes) =>
        (await StatusReader.UntilAsync(_folder[$"{nodeId}.sock"], status => status?.Pairs[0].IsConnected == isConnected, processes))!;
}
