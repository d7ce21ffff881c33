using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Transport.Tcp;

/// <summary>What a connection holds goes with it.</summary>
public class TcpConnectionResourceTests
{
    [Fact]
    public void A_connection_that_was_disposed_of_is_closed_and_held_by_nothing()
    {
        // With a limit, a timer looks after each of them: it must not live on.
        var sockets = OpenAndDispose();

        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return sockets.All(static socket => !socket.TryGetTarget(out _));
            },
            "the sockets can be collected");
    }

    [Fact]
    public async Task A_hundred_connections_that_came_and_went_leave_no_socket_open()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs /proc/net/tcp.");
        await using var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9);
        await node.StartAsync();
        for (var round = 0; round < 100; round++)
        {
            using var peer = node.ConnectAs(1);
            peer.SendMessage(ScriptedNode.Message(1, 0, round));
            Eventually.True(() => node.Device.Delivered.Count == round + 1, "the command arrived", () => node.Log.All);
        }

        // A socket that the peer has closed and we have not waits in CLOSE_WAIT (8).
        Eventually.True(() => CountSockets(node.Address, state: 8) == 0, "every connection was closed", () => node.Log.All);
        Assert.Equal(1, CountSockets(node.Address, state: 10)); // the listener: the table is the right one, and so is the address
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference<Socket>> OpenAndDispose()
    {
        var sockets = new List<WeakReference<Socket>>();
        for (var round = 0; round < 10; round++)
        {
            var pair = ConnectedPair.Open(new TcpTransport(), "127.0.0.1", "127.0.0.1").GetAwaiter().GetResult();
            var (near, far) = (((TcpConnection)pair.Near).Socket, ((TcpConnection)pair.Far).Socket);
            pair.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Assert.True(near.SafeHandle.IsClosed && far.SafeHandle.IsClosed);
            sockets.AddRange([new(near), new(far)]);
        }

        return sockets;
    }

    private static int CountSockets(string address, int state)
    {
        var local = BitConverter.ToUInt32(IPAddress.Parse(address).GetAddressBytes()).ToString("X8", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[1].StartsWith(local, StringComparison.Ordinal) && int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == state);
    }
}
