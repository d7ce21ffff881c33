using System.Buffers;
using System.Security.Cryptography;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Frames;

public class VectorFrameTests
{
    [Theory]
    [InlineData("classic-lp64-plain", "classic-lp64-plain")]
    [InlineData("classic-lp64-lz4", "classic-lp64-lz4")]
    [InlineData("classic-lp64-batch", "classic-lp64-batch")]
    [InlineData("liblz4-lp64-batch-lz4", "liblz4-lp64-batch-lz4")]
    [InlineData("transcribed-ilp32-plain", "classic-lp64-plain")]
    public void Captured_frames_decode_to_the_values_listed(string name, string listing)
    {
        var layout = Vectors.LayoutOf(name);
        var bytes = Vectors.Bytes(name);
        var input = new ReadOnlySequence<byte>(bytes);
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, ExpectedSourceNode = 0, ExpectedDestinationNode = 1 });
        foreach (var expected in Vectors.Listing(listing))
        {
            if (layout == WireLayout.Lp64)
            {
                Assert.Equal(expected.Offset, bytes.Length - input.Length);
            }

            Assert.Equal(FrameStatus.Complete, reader.TryRead(ref input, out var frame));
            Check(expected, in frame.WireHeader, layout.DataModel);
            Assert.Equal(expected.RawLen, frame.RawPayloadLength);
            Assert.Equal(expected.Cmd == 0, frame.IsControl);
            Assert.Equal((expected.Flags & 2) != 0, frame.WasCompressed);
            Assert.Equal(1 + expected.Batched.Length, frame.CommandCount);
            Assert.Equal(layout.HeaderSize + expected.Len, frame.WireLength);
            Assert.Equal(frame.Payload.Length, frame.Command.PayloadLength);
            Assert.Equal(0, frame.Command.BatchCount);
            Assert.Equal(CommandFlags.None, frame.Command.Flags);
            if (expected.RawMd5 is { } md5)
            {
#pragma warning disable CA5351 // The listing's digest is an MD5.
                Assert.Equal(md5, Convert.ToHexStringLower(MD5.HashData(frame.Payload)));
#pragma warning restore CA5351
            }

            var index = 0;
            foreach (ref readonly var command in frame.GetBatch())
            {
                Check(expected.Batched[index++], in command, layout.DataModel);
            }

            Assert.Equal(expected.Batched.Length, index);
        }

        Assert.True(input.IsEmpty);
        Assert.True(reader.EndsCleanly(input));
    }

    [Theory]
    [InlineData("classic-lp64-plain")]
    [InlineData("classic-lp64-lz4")]
    [InlineData("classic-lp64-batch")]
    [InlineData("liblz4-lp64-batch-lz4")]
    [InlineData("transcribed-ilp32-plain")]
    public void Captured_headers_encode_to_the_same_bytes(string name)
    {
        var layout = Vectors.LayoutOf(name);
        var bytes = Vectors.Bytes(name);
        var again = new byte[layout.HeaderSize];
        for (var offset = 0; offset < bytes.Length;)
        {
            layout.Read(bytes.AsSpan(offset), out var header);
            layout.Write(again, in header);
            Assert.Equal<byte>(bytes.AsSpan(offset, layout.HeaderSize), again.AsSpan());
            offset += layout.HeaderSize + header.PayloadLength;
        }
    }

    [Theory]
    [InlineData("classic-lp64-plain", false, false)]
    [InlineData("classic-lp64-lz4", true, false)]
    [InlineData("classic-lp64-batch", false, true)]
    [InlineData("liblz4-lp64-batch-lz4", true, true)]
    [InlineData("transcribed-ilp32-plain", false, false)]
    public void The_writer_sends_captured_commands_as_the_classic_proxies_did(string name, bool compress, bool batch)
    {
        var layout = Vectors.LayoutOf(name);
        var bytes = Vectors.Bytes(name);
        var output = new ArrayBufferWriter<byte>();
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        using var writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = layout,
            Compress = compress,
            MaxBatchCommands = batch ? WireLimits.MaxBatchCommands(layout) : 0,
        }, output);
        var input = new ReadOnlySequence<byte>(bytes);
        while (reader.TryRead(ref input, out var frame) == FrameStatus.Complete)
        {
            writer.Append(in frame.Command, frame.Payload);
            foreach (ref readonly var command in frame.GetBatch())
            {
                writer.Append(in command, default);
            }

            // The script paused here, so the C proxy closed its batch.
            if (frame.IsControl)
            {
                writer.Complete();
            }
        }

        writer.Complete();
        Assert.True(input.IsEmpty);
        if (!compress)
        {
            Assert.Equal<byte>(bytes.AsSpan(), output.WrittenSpan);
        }
        else
        {
            AssertSameAfterDecoding(bytes, output.WrittenMemory, layout);
        }
    }

    private static void AssertSameAfterDecoding(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right, WireLayout layout)
    {
        using var leftReader = new FrameReader(new FrameReaderOptions { Layout = layout });
        using var rightReader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var leftInput = new ReadOnlySequence<byte>(left);
        var rightInput = new ReadOnlySequence<byte>(right);
        Span<byte> leftHeader = stackalloc byte[layout.HeaderSize];
        Span<byte> rightHeader = stackalloc byte[layout.HeaderSize];
        while (leftReader.TryRead(ref leftInput, out var leftFrame) == FrameStatus.Complete)
        {
            Assert.Equal(FrameStatus.Complete, rightReader.TryRead(ref rightInput, out var rightFrame));
            Assert.Equal(leftFrame.WasCompressed, rightFrame.WasCompressed);
            layout.Write(leftHeader, leftFrame.WireHeader with { PayloadLength = 0 });
            layout.Write(rightHeader, rightFrame.WireHeader with { PayloadLength = 0 });
            Assert.Equal(leftHeader, rightHeader);
            Assert.Equal(leftFrame.Payload, rightFrame.Payload);
            var leftBatch = leftFrame.GetBatch();
            var rightBatch = rightFrame.GetBatch();
            while (leftBatch.MoveNext())
            {
                Assert.True(rightBatch.MoveNext());
                layout.Write(leftHeader, in leftBatch.Current);
                layout.Write(rightHeader, in rightBatch.Current);
                Assert.Equal(leftHeader, rightHeader);
            }

            Assert.False(rightBatch.MoveNext());
        }

        Assert.True(leftInput.IsEmpty);
        Assert.True(rightInput.IsEmpty);
    }

    private static void Check(VectorFrame expected, in CommandHeader actual, DataModel model)
    {
        ulong Pointer(decimal value) => model == DataModel.Lp64 ? (ulong)value : (uint)(ulong)value;

        Assert.Equal(expected.Cmd, (int)actual.Command);
        Assert.Equal(expected.DcId, actual.DcId);
        Assert.Equal(expected.Src, actual.SourceEndpoint);
        Assert.Equal(expected.Dst, actual.DestinationEndpoint);
        Assert.Equal(expected.SNode, actual.SourceNode);
        Assert.Equal(expected.DNode, actual.DestinationNode);
        Assert.Equal(expected.RCode, actual.ResultCode);
        Assert.Equal(expected.Len, actual.PayloadLength);
        Assert.Equal(expected.Pid, actual.ProcessId);
        Assert.Equal(expected.BatchNr, actual.BatchCount);
        Assert.Equal(expected.Flags, (ulong)actual.Flags);
        Assert.Equal(expected.SndSeq, actual.SendSequence);
        Assert.Equal(expected.AckSeq, actual.AcknowledgeSequence);
        Assert.Equal(new Timestamp(expected.TsSec, expected.TsNsec), actual.Timestamp);
        Assert.Equal(expected.MSource, actual.Message.Source);
        Assert.Equal(expected.MType, actual.Message.Type);
        var m1 = expected.M1;
        Assert.Equal(
            new MessageM1((int)m1[0], (int)m1[1], (int)m1[2], Pointer(m1[3]), Pointer(m1[4]), Pointer(m1[5])),
            MessageM1.Read(in actual.Message, model));
        var copy = expected.VCopy;
        Assert.Equal((int)copy[0], actual.Copy.SourceEndpoint);
        Assert.Equal((int)copy[1], actual.Copy.DestinationEndpoint);
        Assert.Equal((int)copy[2], actual.Copy.RequesterEndpoint);
        Assert.Equal(Pointer(copy[3]), actual.Copy.SourceAddress);
        Assert.Equal(Pointer(copy[4]), actual.Copy.DestinationAddress);
        Assert.Equal((int)copy[5], actual.Copy.Length);
    }
}
