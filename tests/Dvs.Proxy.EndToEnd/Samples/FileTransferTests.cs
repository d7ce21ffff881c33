using Dvs.Proxy.Emulation.Clusters;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;
using FileTransfer;
using FileTransfer.Transfers;

namespace Dvs.Proxy.EndToEnd.Samples;

/// <summary>The sample FileTransfer: as processes of its own, and its client and server on a cluster in this process.</summary>
public sealed class FileTransferTests : IDisposable
{
    private const int Block = FileProtocol.BlockLength;
    private const int ServerEndpoint = 5;
    private const int ClientEndpoint = 40;

    private readonly TemporaryFolder _folder = new();
    private readonly string _served;

    public FileTransferTests() => _served = Directory.CreateDirectory(_folder["served"]).FullName;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_demonstration_moves_a_file_there_and_back_over_restarts_of_the_servers_proxy()
    {
        await using var demonstration = StartSample();
        await demonstration.WaitForExitAsync(Limits.Demo);

        demonstration.AssertExitCode(0);
        Assert.Equal("", demonstration.Error);
        Assert.Contains("node 0: put film.bin: resumed at", demonstration.Output, StringComparison.Ordinal);
        Assert.Contains("node 0: get film.bin: resumed at", demonstration.Output, StringComparison.Ordinal);
        Assert.Contains("proxy restarted 3 times", demonstration.Output, StringComparison.Ordinal);
        Assert.EndsWith("All is right.\n", demonstration.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_of_another_process_refuses_in_words()
    {
        _folder.Write("secret", "nobody's business");
        var address = LoopbackPort.NewAddress();
        var (port0, port1) = ($"{LoopbackPort.Reserve(address)}", $"{LoopbackPort.Reserve(address)}");
        await using var server = StartSample("serve", "--folder", _served, "--host", address, "--listen-port", port1, "--connect-port", port0);

        foreach (var (name, reason) in new[] { ("missing.txt", "there is no file 'missing.txt'"), ("../secret", "'..'"), (_folder["secret"], "absolute"), ("", "no name") })
        {
            await using var client = StartSample("get", name, _folder["local"], "--host", address, "--listen-port", port0, "--connect-port", port1);
            await client.WaitForExitAsync(Limits.Demo);

            client.AssertExitCode(1);
            Assert.StartsWith("Refused: ", client.Error, StringComparison.Ordinal);
            Assert.Contains(reason, client.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", client.Error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles($"{_folder}", "local*"));
        }
    }

    [Fact]
    public async Task A_client_without_a_server_gives_up_and_says_what_is_missing()
    {
        var address = LoopbackPort.NewAddress();
        var (port0, port1) = ($"{LoopbackPort.Reserve(address)}", $"{LoopbackPort.Reserve(address)}");
        await using var client = StartSample(
            "get", "x", _folder["x"], "--host", address, "--listen-port", port0, "--connect-port", port1, "--patience", "1");
        await client.WaitForExitAsync(Limits.Demo);

        client.AssertExitCode(1);
        Assert.Contains("Node 1 is not connected", client.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", 0, "put <LOCAL> <REMOTE>")]
    [InlineData("serve --help", 0, "--folder")]
    [InlineData("frobnicate", 1, "frobnicate")]
    public async Task The_command_line_explains_itself(string arguments, int exitCode, string text)
    {
        await using var sample = StartSample(arguments.Split(' '));
        await sample.WaitForExitAsync(Limits.Demo);

        sample.AssertExitCode(exitCode);
        Assert.Contains(text, sample.Output + sample.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    public async Task A_file_of_any_size_goes_both_ways(int length)
    {
        var content = MakeFile("sent", length);
        await using var cluster = await StartClusterAsync(TimeSpan.Zero);
        StartServer(cluster, static _ => { });

        await RunClientAsync(cluster, client => client.Put(_folder["sent"], "file"));
        await RunClientAsync(cluster, client => client.Get("file", _folder["back"]));

        Assert.Equal(content, File.ReadAllBytes(Path.Combine(_served, "file")));
        Assert.Equal(content, File.ReadAllBytes(_folder["back"]));
        AssertNoPartIsLeft();
    }

    /// <summary>With a resume window the client's driver is not told that the answer will never come, and its time-out has to do.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 30)]
    [InlineData(false, 0)]
    [InlineData(false, 30)]
    public async Task A_transfer_goes_on_after_a_restart_of_the_servers_proxy(bool isPut, int resumeWindow)
    {
        await using var cluster = await StartClusterAsync(TimeSpan.FromSeconds(resumeWindow));
        var start = Task.CompletedTask;
        StartServer(cluster, blocks =>
        {
            if (blocks == 3)
            {
                // The server goes on when the proxy has stopped: its answer cannot get through.
                cluster[1].StopProxyAsync().GetAwaiter().GetResult();
                start = cluster[1].StartProxyAsync();
            }
        });

        var said = await TransferAsync(cluster, isPut, 10 * Block, requestTimeout: 2);

        await start;
        Assert.Contains(": interrupted (", said, StringComparison.Ordinal);
        Assert.Contains(": resumed at ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_goes_on_after_a_silence_that_is_longer_than_a_request_waits(bool isPut)
    {
        await using var cluster = await StartClusterAsync(TimeSpan.FromSeconds(30));
        IDisposable? silence = null;
        StartServer(cluster, blocks =>
        {
            if (blocks == 3)
            {
                silence = cluster.Stall(0, 1);
            }
        });

        var said = await TransferAsync(cluster, isPut, 10 * Block, requestTimeout: 1, line =>
        {
            if (line.Contains(": interrupted (", StringComparison.Ordinal))
            {
                silence?.Dispose();
            }
        });

        Assert.Contains(": resumed at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_another_request_is_not_taken_for_the_own_one()
    {
        await using var cluster = await StartClusterAsync(TimeSpan.Zero);
        cluster.StartProcess(1, ServerEndpoint, "fileserver", process =>
        {
            var request = process.ReceiveRequest();
            var number = request.Read<MessageM2>(process.DataModel).I1;
            var late = Message.Create(process.DataModel, FileProtocol.Done, new MessageM2 { I1 = number - 1, L1 = 12_345 });
            process.Reply(request.Source, late);
            new FileServer(_served, TextWriter.Null).Run(process, CancellationToken.None);
        });

        var said = await TransferAsync(cluster, isPut: false, 3 * Block);

        Assert.Contains("interrupted (an answer came too late)", said, StringComparison.Ordinal);
        Assert.Contains($"get file: {3 * Block:N0} bytes", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transfer_that_was_given_up_goes_on_in_the_next_run(bool isPut)
    {
        await using var cluster = await StartClusterAsync(TimeSpan.Zero);
        using var giveUp = new CancellationTokenSource();
        StartServer(cluster, blocks =>
        {
            if (blocks == 3)
            {
                giveUp.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TransferAsync(cluster, isPut, 10 * Block, cancellation: giveUp.Token));
        Assert.Single(Directory.GetFiles($"{_folder}", "*.part", SearchOption.AllDirectories));

        var said = await TransferAsync(cluster, isPut, length: null);

        Assert.Contains(": resumed at ", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_part_of_another_file_is_noticed_and_thrown_away(bool isPut)
    {
        await using var cluster = await StartClusterAsync(TimeSpan.Zero);
        StartServer(cluster, static _ => { });
        File.WriteAllBytes(isPut ? Path.Combine(_served, "file.part") : _folder["back.part"], new byte[Block]);

        var refusal = await Assert.ThrowsAsync<TransferException>(() => TransferAsync(cluster, isPut, 2 * Block));
        Assert.Contains("different contents of 'file'", refusal.Message, StringComparison.Ordinal);
        AssertNoPartIsLeft();

        var said = await TransferAsync(cluster, isPut, length: null);
        Assert.DoesNotContain("resumed", said, StringComparison.Ordinal);
    }

    private static ChildProcess StartSample(params string[] arguments) =>
        ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "FileTransfer"), arguments, environment: DotnetCommand.RuntimeOfTests);

    private static Task<EmulatedCluster> StartClusterAsync(TimeSpan resumeWindow) => EmulatedCluster.StartAsync(nodes: 2, new EmulatedClusterOptions
    {
        ConfigureProxy = (_, options) => (options.Peers[0].ResumeWindow, options.Peers[0].AutoBind) = (resumeWindow, true),
    });

    // Hears how many blocks were moved so far, after each, before the client is answered.
    private void StartServer(EmulatedCluster cluster, Action<int> blockMoved)
    {
        var blocks = 0;
        var server = new FileServer(_served, TextWriter.Null) { BlockMoved = _ => blockMoved(++blocks) };
        cluster.StartProcess(1, ServerEndpoint, "fileserver", process => server.Run(process, CancellationToken.None));
    }

    // Puts 'sent' as 'file', or gets 'file' as 'back'; the file that is moved is made first, where a length is given. Returns what the progress said.
    private async Task<string> TransferAsync(
        EmulatedCluster cluster,
        bool isPut,
        int? length,
        double requestTimeout = 5,
        Action<string>? heard = null,
        CancellationToken cancellation = default)
    {
        var (from, to) = isPut ? ("sent", "served/file") : ("served/file", "back");
        if (length is { } bytes)
        {
            MakeFile(from, bytes);
        }

        using var output = new HeardWriter(heard);
        await RunClientAsync(
            cluster,
            client =>
            {
                if (isPut)
                {
                    client.Put(_folder["sent"], "file");
                }
                else
                {
                    client.Get("file", _folder["back"]);
                }
            },
            output,
            requestTimeout,
            cancellation);

        Assert.Equal(File.ReadAllBytes(_folder[from]), File.ReadAllBytes(_folder[to]));
        AssertNoPartIsLeft();
        return output.ToString();
    }

    private static async Task RunClientAsync(
        EmulatedCluster cluster,
        Action<FileClient> transfer,
        TextWriter? output = null,
        double requestTimeout = 5,
        CancellationToken cancellation = default)
    {
        var progress = new Progress(output ?? TextWriter.Null, isTerminal: false);
        var client = new FileClient(cluster[0].Device, dcId: 0, ClientEndpoint, serverNode: 1, ServerEndpoint, progress, cancellation)
        {
            RequestTimeout = TimeSpan.FromSeconds(requestTimeout),
            Patience = Limits.Condition,
        };
        await Task.Run(() => transfer(client), CancellationToken.None);
    }

    private byte[] MakeFile(string name, int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(_folder[name], content);
        return content;
    }

    private void AssertNoPartIsLeft() => Assert.Empty(Directory.GetFiles($"{_folder}", "*.part", SearchOption.AllDirectories));

    private sealed class HeardWriter(Action<string>? heard) : StringWriter(System.Globalization.CultureInfo.InvariantCulture)
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            heard?.Invoke(value!);
        }
    }
}
