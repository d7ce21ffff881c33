using System.Buffers;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks;

/// <summary>Commands and input for the protocol benchmarks.</summary>
internal static class ProtocolSamples
{
    public static CommandHeader Message(int index)
    {
        var header = new CommandHeader
        {
            Command = CommandCode.SendReceiveMessage,
            DcId = 1,
            SourceEndpoint = 40 + (index % 100),
            DestinationEndpoint = 3,
            DestinationNode = 1,
            ProcessId = 7000 + index,
            Timestamp = new Timestamp(1_700_000_000, 1000 * index),
        };
        header.Message.Source = header.SourceEndpoint;
        header.Message.Type = 101;
        new MessageM1(index, -index, 13, 0x7F00_1000, 0x7F00_2000, 0).Write(ref header.Message, DataModel.Lp64);
        return header;
    }

    public static CommandHeader Copy(int length)
    {
        var header = Message(1) with { Command = CommandCode.CopyInData, PayloadLength = length };
        header.Copy.Length = length;
        return header;
    }

    /// <summary>A request for a block, from a process whose memory stays where it is.</summary>
    public static CommandHeader CopyRequest(int index)
    {
        var header = Message(index) with { Command = CommandCode.CopyOutRequest };
        header.Message = Message(1).Message;
        header.Copy.SourceEndpoint = header.DestinationEndpoint;
        header.Copy.DestinationEndpoint = header.SourceEndpoint;
        header.Copy.RequesterEndpoint = header.SourceEndpoint;
        header.Copy.SourceAddress = 0x7F00_1000_0000UL + (0x1_2340UL * (ulong)(index % 100));
        header.Copy.DestinationAddress = 0x5555_6000_0000UL + (0x9_8760UL * (ulong)(index % 100));
        header.Copy.Length = 1 + (index * 977 % 65_536);
        return header;
    }

    public static void FillWithText(Span<byte> content)
    {
        var random = new Random(2);
        var text = "the sender proxy fetches a command and ships it to the peer node; the receiver proxy hands it to its driver. "u8;
        for (var index = 0; index < content.Length; index++)
        {
            content[index] = random.Next(40) == 0 ? (byte)random.Next(32, 127) : text[index % text.Length];
        }
    }

    public static ReadOnlySequence<byte> Split(byte[] bytes, int size)
    {
        if (size == 0 || size >= bytes.Length)
        {
            return new ReadOnlySequence<byte>(bytes);
        }

        var first = new Segment(bytes.AsMemory(0, size), 0, null);
        var last = first;
        for (var offset = size; offset < bytes.Length; offset += size)
        {
            last = new Segment(bytes.AsMemory(offset, Math.Min(size, bytes.Length - offset)), offset, last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex, Segment? previous)
        {
            Memory = memory;
            RunningIndex = runningIndex;
            if (previous is not null)
            {
                previous.Next = this;
            }
        }
    }
}

/// <summary>An output that is used over and over, as a pipe does with its segments.</summary>
internal sealed class ProtocolOutput(int size) : IBufferWriter<byte>
{
    private readonly byte[] _buffer = new byte[size];
    private int _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.AsSpan(_length);
}
