using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dvs.Proxy.EndToEnd.Control;

/// <summary>The status socket answers, whoever else asks and whatever fails, and takes nobody's file away.</summary>
public sealed class StatusServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Socket => _folder["0.sock"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task Those_who_connect_and_say_nothing_keep_nobody_from_an_answer(int silent)
    {
        using var server = CreateServer(static () => Status(0));
        await server.StartAsync(CancellationToken.None);
        List<Socket> sockets = [];
        try
        {
            for (var number = 0; number < silent; number++)
            {
                // As far as the queue of the listener goes.
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
                sockets.Add(socket);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket)).WaitAsync(TimeSpan.FromSeconds(1));
                }
                catch (Exception exception) when (exception is SocketException or TimeoutException)
                {
                    break;
                }
            }

            Assert.Equal(7, (await StatusReader.UntilAnsweredAsync(Socket)).NodeId);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }

        await server.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_question_whose_answer_fails_is_not_the_last_one()
    {
        var asked = 0;
        using var server = CreateServer(() => ++asked == 1 ? throw new InvalidOperationException("on purpose") : Status(3));
        await server.StartAsync(CancellationToken.None);

        await Assert.ThrowsAsync<HostException>(() => StatusClient.ReadAsync(Socket, CancellationToken.None));

        Assert.Equal(3, (await StatusClient.ReadAsync(Socket, CancellationToken.None)).LogLinesLeftOut);
        await server.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData("somebody's work\n")]
    public async Task A_file_at_the_place_of_the_socket_stays(string content)
    {
        _folder.Write("0.sock", content);
        using var server = CreateServer(static () => Status(0));

        var refusal = await Assert.ThrowsAsync<HostException>(() => server.StartAsync(CancellationToken.None));

        Assert.StartsWith($"{Socket} is there already, and not known to be a socket that a proxy left behind: it stays.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(Socket));
    }

    [Fact]
    public async Task A_host_whose_socket_would_be_a_file_ends_with_exit_code_2_and_leaves_it()
    {
        _folder.Write("0.sock", "");

        await using var host = await ChildProcess.RunHostAsync("run", "--config", Path.Combine(AppContext.BaseDirectory, "node0.cfg"), "--socket", Socket);

        host.AssertExitCode(2);
        Assert.Contains($"{Socket} is there already", host.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Socket));
    }

    [Fact]
    public async Task A_socket_that_nobody_answers_is_replaced_and_one_that_is_answered_is_not()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(_folder["other.sock"]));

            // So that closing it leaves the file, as a kill does.
            File.Move(_folder["other.sock"], Socket);
        }

        using var server = CreateServer(static () => Status(1));
        await server.StartAsync(CancellationToken.None);
        using var second = CreateServer(static () => Status(2));

        var refusal = await Assert.ThrowsAsync<HostException>(() => second.StartAsync(CancellationToken.None));

        Assert.StartsWith("Another proxy runs and answers on", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await StatusClient.ReadAsync(Socket, CancellationToken.None)).LogLinesLeftOut);
        await server.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("open", "is open to others (")]
    [InlineData("link", "is no folder")]
    [InlineData("file", "is no folder")]
    public async Task A_folder_that_others_can_enter_or_that_is_none_is_not_used(string kind, string fault)
    {
        var folder = _folder["dvs-proxy"];
        switch (kind)
        {
            case "open":
                Directory.CreateDirectory(folder);
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
                break;
            case "link":
                Directory.CreateDirectory(_folder["real"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                Directory.CreateSymbolicLink(folder, _folder["real"]);
                break;
            default:
                _folder.Write("dvs-proxy", "");
                break;
        }

        var environment = new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = $"{_folder}" };
        string[][] verbs = [["status"], ["status", "--node", "0"], ["node", "info", "--device", "emulated"], ["run", "--config", Path.Combine(AppContext.BaseDirectory, "node0.cfg")]];
        foreach (var verb in verbs)
        {
            await using var host = ChildProcess.StartHost(environment, verb);
            await host.WaitForExitAsync(Limits.Demo);
            host.AssertExitCode(2);
            Assert.True(host.Error.Contains(fault, StringComparison.Ordinal) || (kind == "file" && verb[0] == "run"), host.Describe());
        }
    }

    [Theory]
    [InlineData(107, null)]
    [InlineData(108, "The path of the status socket has 108 bytes, and that of a socket has at most 107")]
    [InlineData(0, "is empty")]
    public void A_path_is_as_long_as_a_socket_may_have_it(int bytes, string? fault)
    {
        var path = bytes == 0 ? "" : "/" + new string('x', bytes - 1);
        if (fault is null)
        {
            Assert.Null(StatusSocketPath.FindFault(path));
            Assert.Equal(path, StatusSocketPath.ToEndPoint(path).ToString());
            return;
        }

        Assert.Contains(fault, StatusSocketPath.FindFault(path), StringComparison.Ordinal);
        Assert.Throws<HostException>(() => StatusSocketPath.ToEndPoint(path));
    }

    [Theory]
    [InlineData("status", true)]
    [InlineData("status", false)]
    [InlineData("run --config {folder}/none.cfg", true)]
    [InlineData("dvs info --device emulated", false)]
    public async Task A_path_that_no_socket_can_have_is_an_error_of_usage(string verb, bool exists)
    {
        var name = new string('x', 120);
        if (exists)
        {
            _folder.Write(name, "");
        }

        await using var host = await ChildProcess.RunHostAsync(
            [.. verb.Replace("{folder}", $"{_folder}", StringComparison.Ordinal).Split(' '), "--socket", _folder[name]]);

        host.AssertExitCode(2);
        Assert.StartsWith("The path of the status socket has ", host.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Error, StringComparison.Ordinal);
    }

    private StatusServer CreateServer(Func<HostStatus> getStatus) =>
        new(Socket, getStatus, static _ => new OperatorAnswer { Done = "done" }, NullLogger<StatusServer>.Instance);

    private static HostStatus Status(long leftOut) =>
        new(new ProxyStatus { NodeId = 7, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [] }, leftOut);
}
