using System.Net.Sockets;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.EndToEnd.Streams;

/// <summary>Standard streams that are full, closed, or read by nobody: every end has its exit code, none is an abort, and the proxy serves on.</summary>
public sealed class HostStreamsTests : IDisposable
{
    // Fills the pipe to standard error before the host begins; where it holds less, the time limit ends the filling.
    private const string FillsError = "timeout 5 head -c 65536 /dev/zero >&2; exec $HOST";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(">/dev/full", "--help", 3, "Standard output cannot be written: No space left on device.\n")]
    [InlineData(">/dev/full", "check-config {cfg}", 3, "Standard output cannot be written: No space left on device.\n")]
    [InlineData(">/dev/full", "check-config {cfg} --format json", 3, "Standard output cannot be written: No space left on device.\n")]
    [InlineData(">/dev/full", "demo --time-limit 1", 3, "Standard output cannot be written: No space left on device.\n")]
    [InlineData(">&-", "dvs --help", 3, "Standard output cannot be written: it is closed.\n")]
    [InlineData(">&-", "check-config {cfg}", 3, "Standard output cannot be written: it is closed.\n")]
    [InlineData(">&- 2>&-", "check-config {cfg}", 3, "")]
    [InlineData("<&- >&- 2>&-", "check-config {cfg}", 3, "")]
    [InlineData("2>/dev/full", "status --socket {folder}/nothing.sock", 2, "")]
    [InlineData("2>&-", "status --socket {folder}/nothing.sock", 2, "")]
    [InlineData("2>&-", "frobnicate", 2, "")]
    [InlineData("<&-", "dvs end", 2, null)]
    [InlineData("<&-", "demo-node", 0, "")]
    public async Task A_verb_whose_streams_cannot_be_written_ends_with_its_exit_code(string redirection, string arguments, int exitCode, string? error)
    {
        var configuration = Path.Combine(AppContext.BaseDirectory, "node0.cfg");
        var words = arguments.Replace("{folder}", $"{_folder}", StringComparison.Ordinal).Replace("{cfg}", configuration, StringComparison.Ordinal).Split(' ');

        await using var host = ChildProcess.StartHostInShell($"exec $HOST {redirection}", readsError: true, words);

        await host.WaitForExitAsync(Limits.Demo);
        host.AssertExitCode(exitCode);
        Assert.Equal(error ?? host.Error, host.Error);
    }

    [Fact]
    public async Task Who_reads_only_the_beginning_is_left_in_peace()
    {
        await using var host = ChildProcess.StartHostInShell("{ $HOST; echo \"exit code $?\" >&2; } | :", readsError: true, "--help");

        await host.WaitForExitAsync(Limits.Condition);

        Assert.Equal("exit code 141\n", host.Error);
    }

    [Fact]
    public async Task A_host_whose_standard_error_nobody_reads_serves_and_ends_with_sigterm()
    {
        var (configuration, place, port) = WriteConfiguration();
        await using var host = ChildProcess.StartHostInShell(FillsError, readsError: false, "run", "--config", configuration, "--socket", _folder["0.sock"], "--verbose");
        await StatusReader.UntilAnsweredAsync(_folder["0.sock"], host);

        using (var stranger = new TcpClient())
        {
            await stranger.ConnectAsync(place, port);
        }

        Assert.Equal(0, (await StatusReader.UntilAnsweredAsync(_folder["0.sock"], host)).NodeId);
        await host.SignalAsync("TERM");
        await host.WaitForExitAsync(Limits.Condition);
        host.AssertExitCode(0);
    }

    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public async Task A_host_that_cannot_write_its_log_counts_what_it_left_out_and_shows_it(string redirection)
    {
        var (configuration, _, _) = WriteConfiguration();
        await using var host = ChildProcess.StartHostInShell($"exec $HOST {redirection}", readsError: true, "run", "--config", configuration, "--socket", _folder["0.sock"]);
        await StatusReader.UntilAnsweredAsync(_folder["0.sock"], host);

        var status = await Limits.UntilAsync(
            () => StatusClient.ReadAsync(_folder["0.sock"], CancellationToken.None), static status => status.LogLinesLeftOut > 0, "the lines are counted");

        Assert.Contains($"\nlog: {status.LogLinesLeftOut} lines were left out", status.ToString(), StringComparison.Ordinal);
        await using var json = await ChildProcess.RunHostAsync("status", "--socket", _folder["0.sock"], "--format", "json");
        Assert.Contains("\"logLinesLeftOut\": ", json.Output, StringComparison.Ordinal);
        await host.SignalAsync("TERM");
        await host.WaitForExitAsync(Limits.Condition);
        host.AssertExitCode(0);
        Assert.Equal("", host.Error);
    }

    [Theory]
    [InlineData("verb", 4, "A fault of this program: InvalidDataException: on purpose. With DVS_PROXY_DETAILS=1 in the environment it says where.\n")]
    [InlineData("thread", 4, "A fault of this program: InvalidDataException: on purpose. With DVS_PROXY_DETAILS=1 in the environment it says where.\n")]
    [InlineData("task", 0, "A fault of this program: InvalidDataException: on purpose. With DVS_PROXY_DETAILS=1 in the environment it says where.\n")]
    public async Task A_fault_of_ours_is_one_line_and_an_exit_code_on_whatever_thread(string where, int exitCode, string error)
    {
        await using var process = StartFaulting(where, details: "0");

        await process.WaitForExitAsync(Limits.Condition);

        process.AssertExitCode(exitCode);
        Assert.Equal(error, process.Error);
    }

    [Fact]
    public async Task Who_asks_for_details_gets_the_stack_trace()
    {
        await using var process = StartFaulting("verb", details: "1");

        await process.WaitForExitAsync(Limits.Condition);

        process.AssertExitCode(ExitCode.InternalFault);
        Assert.Contains($"   at {typeof(FaultingProgram).FullName}.", process.Error, StringComparison.Ordinal);
    }

    private static ChildProcess StartFaulting(string where, string details) => ChildProcess.Start(
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
        ["exec", typeof(FaultingProgram).Assembly.Location, FaultingProgram.Verb, where],
        environment: new Dictionary<string, string?> { [UserErrors.DetailsVariable] = details });

    private (string Configuration, string Place, int Port) WriteConfiguration()
    {
        var place = LoopbackPort.NewAddress();
        var (listen, peer) = (LoopbackPort.Reserve(place), LoopbackPort.Reserve(place));
        var configuration = _folder.Write("0.cfg", $$"""
            node node0 { nodeid 0; };
            proxy node1 { host {{place}}; proxyid 1; proto tcp; rname {{place}}; rport {{listen}}; sport {{peer}}; compress NO; batch NO; backoff 10 50; };
            """);
        return (configuration, place, listen);
    }
}
