using System.Buffers;
using System.Net.Sockets;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tcp;

namespace Dvs.Proxy.Tests.Pairing.Sending;

/// <summary>
/// A sender that is busy writing does not read. If the receiver then waited until its acknowledgements are read, both would wait for ever.
/// </summary>
public class UnreadAcknowledgementTests
{
    private const int SmallBuffer = 16 * 1024;

    // One acknowledgement each: far more than the buffers of both sockets hold.
    private const int Frames = 5_000;

    [Fact]
    public async Task A_receiver_whose_acknowledgements_nobody_reads_goes_on_reading_and_says_the_last_one_later()
    {
        await using var node = new ScriptedNode(0, transports: new TransportRegistry([new TcpTransport(new TcpTransportOptions { SendBufferSize = SmallBuffer })]));
        node.AddPeer(1, "127.0.0.1", 9, configure: static options =>
            (options.UseSession, options.AcknowledgementDelay) = (true, TimeSpan.Zero));
        await node.StartAsync();
        using var socket = node.ConnectAs(1, receiveBufferSize: SmallBuffer);
        socket.OpenSession(Handshakes.Open(new SessionId(5, 6)), 1, 0);

        var delivered = 0;
        node.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) =>
        {
            Volatile.Write(ref delivered, delivered + 1);
            return DvkError.Ok;
        };
        await Task.Run(() => SendOneByOne(socket, () => Volatile.Read(ref delivered))).WaitAsync(TimeSpan.FromMinutes(2));

        var last = 0ul;
        await Task.Run(() =>
        {
            while (last != Frames)
            {
                Assert.True(SessionMessage.TryReadAcknowledgement(socket.ReceiveHeader(), out var acknowledged));
                Assert.True(acknowledged > last);
                last = acknowledged;
            }
        }).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, node.Pair(1).Receiver.Disconnects);
    }

    private static void SendOneByOne(Socket socket, Func<int> delivered)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, Sequenced = true, FirstSequence = 1 }, bytes);
        var wait = default(SpinWait);
        for (var frame = 1; frame <= Frames; frame++)
        {
            bytes.ResetWrittenCount();
            writer.Write(ScriptedNode.Message(1, 0, frame), default);
            socket.Send(bytes.WrittenSpan);
            while (delivered() < frame)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }
}
