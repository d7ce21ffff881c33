using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dvs.Proxy.EndToEnd.Control;

/// <summary>Of hosts that want the same status socket at the same moment one gets it, and the others say that it runs.</summary>
public sealed class StatusSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["0.sock"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_many_who_find_the_socket_of_a_killed_host_exactly_one_replaces_it_and_is_the_one_that_answers()
    {
        const int Rounds = 40;
        const int Hosts = 4;
        for (var round = 0; round < Rounds; round++)
        {
            LeaveBehind();
            using var start = new Barrier(Hosts);
            StatusServer[] servers = [.. Enumerable.Range(0, Hosts).Select(CreateServer)];
            var outcomes = await Task.WhenAll(servers.Select(server => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return Record.Exception(() => server.StartAsync(CancellationToken.None).GetAwaiter().GetResult());
                },
                TaskCreationOptions.LongRunning)));

            var winner = Assert.Single(Enumerable.Range(0, Hosts), host => outcomes[host] is null);
            Assert.All(outcomes.Where(static outcome => outcome is not null), static outcome =>
                Assert.StartsWith("Another proxy runs and answers on", Assert.IsType<HostException>(outcome).Message, StringComparison.Ordinal));
            Array.ForEach([.. servers.Where((_, host) => host != winner)], static server => server.Dispose());
            Assert.Equal(winner, (await StatusClient.ReadAsync(Path, CancellationToken.None)).LogLinesLeftOut);
            await servers[winner].StopAsync(CancellationToken.None);
            servers[winner].Dispose();
            Assert.False(System.IO.Path.Exists(Path));
        }
    }

    [Fact]
    public async Task One_that_ends_while_others_begin_takes_no_file_away_but_its_own()
    {
        const int Rounds = 40;
        for (var round = 0; round < Rounds; round++)
        {
            using var first = StatusSocket.Listen(Path);
            using var start = new Barrier(2);
            var ends = Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    first.Dispose();
                },
                TaskCreationOptions.LongRunning);
            start.SignalAndWait();
            StatusSocket? next = null;
            Assert.True(SpinWait.SpinUntil(() => (next = TryListen()) is not null, Limits.Condition), "The place is free, and yet cannot be had.");
            await ends;

            Assert.True(System.IO.Path.Exists(Path));
            Assert.True(StatusClient.IsAnswered(Path));
            next!.Dispose();
        }
    }

    [Fact]
    public void A_folder_is_locked_by_one_at_a_time_and_the_lock_leaves_nothing_behind()
    {
        using (FolderLock.TryTake($"{_folder}", TimeSpan.Zero, out _))
        {
            Assert.Null(FolderLock.TryTake($"{_folder}", TimeSpan.Zero, out var fault));
            Assert.Equal("another process has locked it", fault);
        }

        using var next = FolderLock.TryTake($"{_folder}", TimeSpan.Zero, out _);
        Assert.NotNull(next);
        Assert.Empty(Directory.GetFileSystemEntries($"{_folder}"));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var refusal = Assert.Throws<HostException>(() => StatusSocket.Listen(_folder["none/0.sock"]));

        Assert.StartsWith($"Cannot make the status socket {_folder["none/0.sock"]}: its folder cannot be locked: No such file or directory.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_hosts_started_at_once_beside_the_socket_of_a_killed_one_the_second_ends_with_exit_code_2()
    {
        var files = new TwoNodeFiles(_folder);
        await using (var killed = ChildProcess.StartHost("run", "--config", files[0], "--socket", Path))
        {
            await StatusReader.UntilAnsweredAsync(Path, killed);
            await killed.SignalAsync("KILL");
            await killed.WaitForExitAsync(Limits.Condition);
        }

        Assert.True(System.IO.Path.Exists(Path));
        await using var host0 = ChildProcess.StartHost("run", "--config", files[0], "--socket", Path);
        await using var host1 = ChildProcess.StartHost("run", "--config", files[1], "--socket", Path);
        await Limits.UntilAsync(
            () => Task.FromResult((host0.Error, host1.Error)),
            static errors => IsRefused(errors.Item1) != IsRefused(errors.Item2),
            "one of the two hosts is refused");

        var (winner, loser, nodeId) = IsRefused(host1.Error) ? (host0, host1, 0) : (host1, host0, 1);
        await loser.WaitForExitAsync(Limits.Condition);
        loser.AssertExitCode(2);
        Assert.Equal(nodeId, (await StatusReader.UntilAnsweredAsync(Path, winner)).NodeId);
    }

    private static bool IsRefused(string error) => error.Contains("Another proxy runs and answers on", StringComparison.Ordinal);

    private StatusSocket? TryListen()
    {
        try
        {
            return StatusSocket.Listen(Path);
        }
        catch (HostException)
        {
            // The first one still answers.
            return null;
        }
    }

    // Closing the listener leaves a file that was moved, as a kill does.
    private void LeaveBehind()
    {
        using var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(_folder["other.sock"]));
        File.Move(_folder["other.sock"], Path);
    }

    private StatusServer CreateServer(int number) => new(
        Path,
        () => new HostStatus(new ProxyStatus { NodeId = 7, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [] }, number),
        static _ => new OperatorAnswer { Done = "done" },
        NullLogger<StatusServer>.Instance);
}
