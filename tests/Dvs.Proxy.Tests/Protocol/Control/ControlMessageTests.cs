using System.Buffers;
using Dvs.Proxy.Device;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Tests.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Control;

public class ControlMessageTests
{
    private static readonly Timestamp Now = new(1_795_453_702, 927_044_851);

    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [InlineData("classic-lp64-plain", DataModel.Lp64)]
    [InlineData("transcribed-ilp32-plain", DataModel.Ilp32)]
    public void A_hello_has_the_fields_of_the_classic_one(string name, DataModel model)
    {
        var layout = WireLayout.For(model);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var input = new ReadOnlySequence<byte>(Vectors.Bytes(name));
        var found = 0;
        while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            if (!frame.IsControl)
            {
                continue;
            }

            found++;
            Assert.True(ControlMessage.TryRead(in frame.Command, model, out LoadReport load));
            Assert.Equal(new LoadReport(0, LoadLevel.Idle, 30), load);

            // The classic one leaves stale bytes where a hello has no field; ours has zeros.
            var expected = frame.WireHeader with { ProcessId = 0, SendSequence = 0, Copy = default };
            var m1 = MessageM1.Read(in expected.Message, model);
            (m1 with { P1 = 0, P2 = 0, P3 = 0 }).Write(ref expected.Message, model);
            var ours = ControlMessage.Hello(0, 1, load, model, frame.WireHeader.Timestamp);
            Assert.Equal(Encode(layout, expected), Encode(layout, ours));
        }

        Assert.Equal(1, found);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Control_messages_round_trip(DataModel model)
    {
        var thresholds = new LoadThresholds(30, 70, 15);
        var header = RoundTrip(ControlMessage.SetLoadThresholds(3, 4, thresholds, model, Now), model);
        Assert.Equal(4, header.Message.Type);
        Assert.True(ControlMessage.TryRead(in header, model, out LoadThresholds readThresholds));
        Assert.Equal(thresholds, readThresholds);
        Assert.False(ControlMessage.TryRead(in header, model, out LoadReport _));

        var load = new LoadReport(77, LoadLevel.Saturated, 15);
        header = RoundTrip(ControlMessage.LoadThresholdsAnswer(3, 4, load, model, Now), model);
        Assert.Equal(0x1004, header.Message.Type);
        Assert.True(ControlMessage.TryRead(in header, model, out LoadReport readLoad));
        Assert.Equal(load, readLoad);

        var request = new RemoteBindRequest(2, -5, 3, "a_server");
        header = RoundTrip(ControlMessage.RemoteBind(3, 4, request, model, Now), model);
        Assert.Equal(7, header.Message.Type);
        Assert.True(ControlMessage.TryRead(in header, model, out RemoteBindRequest readRequest));
        Assert.Equal(request, readRequest);
        Assert.False(ControlMessage.TryReadRemoteBindResult(in header, model, out _));

        header = RoundTrip(ControlMessage.RemoteBindAnswer(3, 4, (int)DvkError.TooBig, model, Now), model);
        Assert.Equal(0x1007, header.Message.Type);
        Assert.True(ControlMessage.TryReadRemoteBindResult(in header, model, out var result));
        Assert.Equal((int)DvkError.TooBig, result);
        Assert.False(ControlMessage.TryRead(in header, model, out RemoteBindRequest _));
    }

    [Fact]
    public void A_command_with_the_type_of_a_control_message_is_none()
    {
        var header = ControlMessage.Hello(0, 1, default, DataModel.Lp64, Now);
        header.Command = CommandCode.SendMessage;
        Assert.False(ControlMessage.TryRead(in header, DataModel.Lp64, out LoadReport _));
    }

    [Theory]
    [InlineData(0, nameof(LoadLevel.Idle))]
    [InlineData(29, nameof(LoadLevel.Idle))]
    [InlineData(30, nameof(LoadLevel.Busy))]
    [InlineData(69, nameof(LoadLevel.Busy))]
    [InlineData(70, nameof(LoadLevel.Saturated))]
    [InlineData(100, nameof(LoadLevel.Saturated))]
    public void Load_is_classed_by_the_thresholds(int percent, string expected) =>
        Assert.Equal(expected, new LoadThresholds(30, 70, 30).Classify(percent).ToString());

    private static CommandHeader RoundTrip(CommandHeader header, DataModel model)
    {
        var layout = WireLayout.For(model);
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = layout, MaxBatchCommands = 10 }, output);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, ExpectedSourceNode = 3, ExpectedDestinationNode = 4 });
        writer.Write(in header, default);
        var input = new ReadOnlySequence<byte>(output.WrittenMemory);
        Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
        Assert.True(frame.IsControl);
        Assert.Equal(-1, frame.Command.DcId);
        Assert.Equal(WellKnownEndpoint.None, frame.Command.SourceEndpoint);
        Assert.Equal(WellKnownEndpoint.None, frame.Command.DestinationEndpoint);
        Assert.Equal(3, frame.Command.Message.Source);
        return frame.Command;
    }

    private static byte[] Encode(WireLayout layout, CommandHeader header)
    {
        var bytes = new byte[layout.HeaderSize];
        layout.Write(bytes, in header);
        return bytes;
    }
}
