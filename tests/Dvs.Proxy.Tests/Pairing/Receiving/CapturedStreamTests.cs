using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Protocol.Frames;
using Dvs.Proxy.Tests.TestDoubles;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>What real C proxies sent, played over a real socket into a running receiver with an emulated driver behind it.</summary>
public class CapturedStreamTests
{
    [Theory]
    [InlineData("classic-lp64-plain", "classic-lp64-plain")]
    [InlineData("classic-lp64-lz4", "classic-lp64-lz4")]
    [InlineData("classic-lp64-batch", "classic-lp64-batch")]
    [InlineData("liblz4-lp64-batch-lz4", "liblz4-lp64-batch-lz4")]
    [InlineData("transcribed-ilp32-plain", "classic-lp64-plain")]
    public async Task Every_command_of_a_captured_stream_reaches_the_driver_as_listed(string stream, string listing)
    {
        var layout = Vectors.LayoutOf(stream);
        using var dvk = EmulatedDvk.StartNode(1);
        using var device = new RecordingDevice(dvk);
        var address = LoopbackPort.NewAddress();
        var port = LoopbackPort.Reserve(address);
        var options = new ProxyOptions { NodeId = 1, DataModel = layout.DataModel };
        options.Peers.Add(new PeerOptions { Name = "node0", Host = "127.0.0.1", ProxyId = 0, ConnectPort = 9, ListenPort = port, ListenHost = address, UseSession = false });
        using var proxy = new MultiNodeProxy(device, Options.Create(options));
        await proxy.StartAsync(CancellationToken.None);
        dvk.StartDc(new DcInfo { DcId = 2, Name = "DC2" });
        dvk.AddNode(2, 0);
        var expected = Vectors.Listing(listing).Where(static frame => frame.Cmd != 0).SelectMany(static frame => frame.Batched.Prepend(frame)).ToList();
        foreach (var source in expected.Select(static frame => frame.Src).Distinct())
        {
            DvkException.ThrowIfFailed(dvk.TryBind(BindRequest.Remote(2, source, 0, $"c{source}"), out _), $"bind {source}");
        }

        using var release = new ManualResetEventSlim();
        var destination = DvkProcess.Start(dvk, 2, 3, "server", _ => release.Wait());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(new IPEndPoint(IPAddress.Parse(address), port));
        socket.Send(Vectors.Bytes(stream));

        Eventually.True(() => device.Put.Count == expected.Count, "all commands arrived", () => $"{device.Put.Count} of {expected.Count}\n{proxy.GetStatus()}");
        Assert.All(device.Put.Zip(expected), item => AssertAsListed(item.Second, item.First.Header, item.First.Payload, layout.DataModel));
        Assert.Equal(expected.Count, proxy.GetStatus().Pairs[0].Receiver.Commands);
        Assert.Equal(1, proxy.GetStatus().Pairs[0].Receiver.Connects);
        release.Set();
        destination.Join();
        await proxy.StopAsync(CancellationToken.None);
    }

    private static void AssertAsListed(VectorFrame expected, CommandHeader actual, byte[] payload, DataModel model)
    {
        Assert.Equal(
            (expected.Cmd, expected.DcId, expected.Src, expected.Dst, expected.SNode, expected.DNode, expected.RCode, expected.Pid),
            ((int)actual.Command, actual.DcId, actual.SourceEndpoint, actual.DestinationEndpoint, actual.SourceNode, actual.DestinationNode, actual.ResultCode, actual.ProcessId));
        Assert.Equal((expected.TsSec, expected.TsNsec, expected.MSource, expected.MType), (actual.Timestamp.Seconds, actual.Timestamp.Nanoseconds, actual.Message.Source, actual.Message.Type));
        var mask = model == DataModel.Lp64 ? ulong.MaxValue : uint.MaxValue;
        var m1 = MessageM1.Read(in actual.Message, model);
        Assert.Equal(((int)expected.M1[0], (int)expected.M1[1], (int)expected.M1[2]), (m1.I1, m1.I2, m1.I3));
        Assert.Equal([.. expected.M1[3..].Select(value => (ulong)value & mask)], new[] { m1.P1, m1.P2, m1.P3 });
        Assert.Equal([.. expected.VCopy[..3].Select(static value => (int)value)], new[] { actual.Copy.SourceEndpoint, actual.Copy.DestinationEndpoint, actual.Copy.RequesterEndpoint });
        Assert.Equal([.. expected.VCopy[3..5].Select(value => (ulong)value & mask)], new[] { actual.Copy.SourceAddress, actual.Copy.DestinationAddress });
        Assert.Equal((int)expected.VCopy[5], actual.Copy.Length);
        Assert.Equal(expected.RawMd5, payload.Length == 0 ? null : Convert.ToHexStringLower(MD5.HashData(payload)));
    }
}
