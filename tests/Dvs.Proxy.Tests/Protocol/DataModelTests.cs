using System.Buffers;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;
using Dvs.Proxy.Tests.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol;

public class DataModelTests
{
    public static TheoryData<string> Streams =>
        ["classic-lp64-plain", "classic-lp64-lz4", "classic-lp64-batch", "liblz4-lp64-batch-lz4", "transcribed-ilp32-plain"];

    /// <summary>Every captured frame as if it were the first of a connection, with and without its time and sequence.</summary>
    [Theory]
    [MemberData(nameof(Streams))]
    public void Every_captured_frame_is_told_apart_from_the_other_model(string name)
    {
        var layout = Vectors.LayoutOf(name);
        var other = WireLayout.For(DataModelCheck.Other(layout.DataModel));
        var bytes = Vectors.Bytes(name);
        for (var offset = 0; offset < bytes.Length;)
        {
            layout.Read(bytes.AsSpan(offset), out var header);
            var length = layout.HeaderSize + header.PayloadLength;
            var frame = bytes.AsSpan(offset, length).ToArray();
            foreach (var (time, sequence, acknowledge) in Variants(header))
            {
                var variant = header with { Timestamp = time, SendSequence = sequence, AcknowledgeSequence = acknowledge };
                layout.Write(frame, in variant);
                Assert.Equal(FrameStatus.Complete, Read(layout, frame, out _));
                Assert.Equal(FrameStatus.Malformed, Read(other, frame, out var fault));
                Assert.Equal(FrameFaultKind.DataModelMismatch, fault.Kind);
                Assert.Equal(layout.DataModel, fault.SeemsToBe);
                Assert.Contains("the peer's abi seems to differ: the header reads as " + layout.DataModel.ToString().ToUpperInvariant(), fault.Describe(), StringComparison.Ordinal);
            }

            offset += length;
        }
    }

    [Fact]
    public void A_single_short_header_is_enough_to_tell_a_32_bit_peer()
    {
        var hello = ControlMessage.Hello(3, 1, new LoadReport(0, LoadLevel.Idle, 30), DataModel.Ilp32, new Timestamp(1_795_453_702, 5000));
        var bytes = new byte[120];
        WireLayout.Ilp32.Write(bytes, in hello);
        Assert.Equal(FrameStatus.Malformed, Read(WireLayout.Lp64, bytes, out var fault));
        Assert.Equal(DataModel.Ilp32, fault.SeemsToBe);
    }

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void Our_own_headers_are_never_taken_for_the_other_model(DataModel model)
    {
        var layout = WireLayout.For(model);
        var random = new Random(20211115);
        Span<byte> body = stackalloc byte[40];
        for (var round = 0; round < 200_000; round++)
        {
            var header = FrameSamples.Header(random, model);
            header.PayloadLength = 0;
            header.Copy.Length = 0;
            random.NextBytes(body);
            if (round % 3 == 0)
            {
                // Small numbers in the body look most like other fields.
                for (var index = 0; index < 40; index++)
                {
                    body[index] = (byte)(index % 4 == 0 ? random.Next(100) : 0);
                }
            }

            body[..layout.MessageBodySize].CopyTo(header.Message.Body.Bytes);
            var bytes = new byte[layout.HeaderSize];
            layout.Write(bytes, in header);
            var status = Read(layout, bytes, out var fault);
            Assert.True(status == FrameStatus.Complete, $"round {round}: {fault.Describe()}");
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void Headers_of_the_other_model_never_pass(DataModel model)
    {
        var layout = WireLayout.For(model);
        var other = WireLayout.For(DataModelCheck.Other(model));
        var random = new Random(20211117);
        for (var round = 0; round < 100_000; round++)
        {
            var header = FrameSamples.Header(random, other.DataModel);
            var bytes = new byte[168];
            other.Write(bytes, in header);
            Assert.Equal(FrameStatus.Malformed, Read(layout, bytes, out var fault));
            Assert.True(fault.Kind == FrameFaultKind.DataModelMismatch, $"round {round}: {fault.Describe()}");
        }
    }

    [Theory]
    [InlineData(DataModel.Lp64)]
    [InlineData(DataModel.Ilp32)]
    public void A_node_without_a_clock_passes(DataModel model)
    {
        var random = new Random(3);
        foreach (var time in new[] { new Timestamp(0, 0), new Timestamp(4711, 123_456_789) })
        {
            for (var round = 0; round < 1000; round++)
            {
                var header = FrameSamples.Header(random, model) with { Timestamp = time, PayloadLength = 0 };
                header.Copy.Length = 0;
                var layout = WireLayout.For(model);
                var bytes = new byte[layout.HeaderSize];
                layout.Write(bytes, in header);
                var status = Read(layout, bytes, out var fault);
                Assert.True(status == FrameStatus.Complete, $"round {round}: {fault.Describe()}");
            }
        }
    }

    private static IEnumerable<(Timestamp Time, ulong Sequence, ulong Acknowledge)> Variants(CommandHeader header)
    {
        yield return (header.Timestamp, header.SendSequence, header.AcknowledgeSequence);
        yield return (header.Timestamp, 0, 0);
        yield return (header.Timestamp, 70_000, 80_000);
        yield return (default, header.SendSequence, header.AcknowledgeSequence);
        yield return (default, 0, 0);
        yield return (default, 70_000, 80_000);
    }

    private static FrameStatus Read(WireLayout layout, byte[] bytes, out FrameFault fault)
    {
        using var reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var input = new ReadOnlySequence<byte>(bytes);
        var status = reader.TryRead(ref input, out _);
        fault = reader.Fault;
        return status;
    }
}
