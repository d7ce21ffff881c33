using System.Net.Sockets;
using System.Text;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Tests.Transport.Unix;

/// <summary>What Unix-domain sockets have beyond the contract: files, and peers that the kernel knows.</summary>
public sealed class UnixSocketTransportTests : IDisposable
{
    private readonly SocketFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, "no path is given")]
    [InlineData("", "no path is given")]
    [InlineData("dvs/node1", "a path is absolute")]
    [InlineData("@", "an abstract name has at least one character")]
    [InlineData("/run/dvs\n", "no control characters")]
    public async Task A_path_that_is_none_is_an_error_that_says_why(string? path, string reason)
    {
        SocketFolder.SkipUnlessLinux();
        var endpoint = new TransportEndpoint(null, 0) { Path = path };
        var transport = new UnixSocketTransport();
        var listening = await Assert.ThrowsAsync<ProxyTransportException>(async () => await transport.ListenAsync(endpoint, CancellationToken.None));
        Assert.Contains(reason, listening.Message, StringComparison.Ordinal);
        var connecting = await Assert.ThrowsAsync<ProxyTransportException>(async () => await transport.ConnectAsync(endpoint, CancellationToken.None));
        Assert.Contains(reason, connecting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_may_have_as_many_bytes_as_the_system_takes_and_no_more()
    {
        SocketFolder.SkipUnlessLinux();
        var transport = new UnixSocketTransport();
        var longest = AbstractName.NewEndpoint().Path!;
        while (Encoding.UTF8.GetByteCount(longest) < 106)
        {
            longest += 'ä';
        }

        longest += Encoding.UTF8.GetByteCount(longest) < 107 ? "x" : "";
        await using var pair = await ConnectedPair.Open(transport, TransportEndpoint.AtPath(longest));
        pair.Near.Send([1]);
        Assert.Equal([1], pair.Far.Receive(1));
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await transport.ListenAsync(TransportEndpoint.AtPath(longest + 'x'), CancellationToken.None));
        Assert.Contains("at most 107 bytes, and this one has 108", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_is_there_with_its_permissions_for_as_long_as_somebody_listens()
    {
        SocketFolder.SkipUnlessLinux();
        var place = _folder.NewFile();
        var transport = new UnixSocketTransport(new UnixSocketOptions { FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite });
        await using (await transport.ListenAsync(place, CancellationToken.None))
        {
#pragma warning disable CA1416 // Skipped elsewhere.
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(place.Path!));
#pragma warning restore CA1416
        }

        Assert.False(File.Exists(place.Path));
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(async () => await transport.ConnectAsync(place, CancellationToken.None));
        Assert.Equal($"Cannot connect to {place}: connection refused: there is no such file: nobody listens there yet.", failure.Message);
    }

    [Fact]
    public async Task What_a_dead_process_left_behind_does_not_stand_in_the_way()
    {
        SocketFolder.SkipUnlessLinux();
        var place = _folder.NewFile();
        LeaveBehind(place.Path!);
        Assert.True(File.Exists(place.Path));
        await using var pair = await ConnectedPair.Open(new UnixSocketTransport(), place);
        pair.Near.Send([1]);
        Assert.Equal([1], pair.Far.Receive(1));
    }

    [Fact]
    public async Task Of_many_that_find_a_file_left_behind_one_listens_and_the_others_are_told()
    {
        SocketFolder.SkipUnlessLinux();
        for (var round = 0; round < 20; round++)
        {
            var place = _folder.NewFile();
            LeaveBehind(place.Path!);
            using var start = new Barrier(4);
            var attempts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Patience.OnThread(() =>
            {
                start.SignalAndWait(Patience.Limit);
                try
                {
                    return (IProxyListener?)new UnixSocketTransport().ListenAsync(place, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                }
                catch (ProxyTransportException failure)
                {
                    Assert.Contains("in use", failure.Message, StringComparison.Ordinal);
                    return null;
                }
            }))).Soon();
            var winner = Assert.Single(attempts.OfType<IProxyListener>());
            await using var near = await new UnixSocketTransport().ConnectAsync(place, CancellationToken.None);
            await using var far = await winner.AcceptAsync(CancellationToken.None).AsTask().Soon();
            Assert.NotNull(far);
            await winner.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_program_that_knows_nothing_of_the_lock_keeps_its_place()
    {
        SocketFolder.SkipUnlessLinux();
        var place = _folder.NewFile();
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(place.Path!));
        other.Listen();
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(async () => await new UnixSocketTransport().ListenAsync(place, CancellationToken.None));
        Assert.Equal($"Cannot listen on {place}: the path is in use: another program listens there.", failure.Message);
        await using var near = await new UnixSocketTransport().ConnectAsync(place, CancellationToken.None);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_stays()
    {
        SocketFolder.SkipUnlessLinux();
        var place = _folder.NewFile();
        await File.WriteAllTextAsync(place.Path!, "precious");
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(async () => await new UnixSocketTransport().ListenAsync(place, CancellationToken.None));
        Assert.Contains("no socket", failure.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(place.Path!));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        SocketFolder.SkipUnlessLinux();
        var failure = await Assert.ThrowsAsync<ProxyTransportException>(
            async () => await new UnixSocketTransport().ListenAsync(TransportEndpoint.AtPath($"{_folder.Path}/none/node1"), CancellationToken.None));
        Assert.Equal($"Cannot listen on {_folder.Path}/none/node1: there is no directory {_folder.Path}/none: create it.", failure.Message);
    }

    [Fact]
    public async Task The_peer_is_known_by_its_process_and_there_is_no_objection_to_ones_own_user()
    {
        SocketFolder.SkipUnlessLinux();
        await using var pair = await ConnectedPair.Open(new UnixSocketTransport(), AbstractName.NewEndpoint());
        var place = pair.Listener.LocalEndpoint;
        Assert.Equal(place.Path, pair.Near.RemoteName);
        Assert.Equal($"{place} (process {Environment.ProcessId})", pair.Far.RemoteName);
        Assert.Null(pair.Far.RemoteAddress);
        Assert.Null(pair.Far.GetAbility<IPeerVetting>()!.Objection);
    }

    private static void LeaveBehind(string path)
    {
        using var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        dead.Bind(new UnixDomainSocketEndPoint(path));

        // The framework removes the file of a socket that it closes; a process that dies does not.
        File.Move(path, path + ".kept");
        dead.Close();
        File.Move(path + ".kept", path);
    }
}
