using System.Buffers;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Tests.Protocol.Digests;

/// <summary>What can be told of a frame whose payload arrived damaged, and which flags a frame of a session may have.</summary>
public class DamagedFrameTests
{
    // Of c_cmd and c_pid within a header.
    private const int CommandOffset = 0;
    private const int ProcessIdOffset = 32;

    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    [Fact]
    public void The_commands_of_a_damaged_batch_are_told_where_all_of_them_make_sense()
    {
        // A bit in the process id of the second command: only the digest notices.
        Assert.Equal([1, 2 ^ 1, 3], TakeDamaged(ProcessIdOffset));
    }

    [Fact]
    public void Of_a_damaged_batch_with_a_command_that_makes_no_sense_none_but_the_outer_is_told()
    {
        // A bit in the code of the second command: there is no such command.
        Assert.Equal([1], TakeDamaged(CommandOffset, bit: 0x40));
    }

    [Fact]
    public void A_numbered_control_message_is_refused_and_a_numbered_command_is_not()
    {
        var hello = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now);
        Assert.Equal((FrameStatus.Complete, FrameFaultKind.None), Read(hello, allowSessionFlags: true));
        hello.Flags = CommandFlags.Sequenced;
        hello.SendSequence = 1;
        Assert.Equal((FrameStatus.Malformed, FrameFaultKind.FlagsNotAllowed), Read(hello, allowSessionFlags: true));

        var command = Command(1);
        command.Flags = CommandFlags.Sequenced;
        command.SendSequence = 1;
        Assert.Equal((FrameStatus.Complete, FrameFaultKind.None), Read(command, allowSessionFlags: true));
        Assert.Equal((FrameStatus.Malformed, FrameFaultKind.FlagsNotAllowed), Read(command, allowSessionFlags: false));
    }

    // The process ids of the commands of a batch of three, after a bit of its second command was turned over.
    private static List<int> TakeDamaged(int offset, byte bit = 1)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.Lp64, MaxBatchCommands = 10, Sequenced = true, Digest = FrameDigestKind.Md5, FirstSequence = 1 }, output);
        for (var number = 1; number <= 3; number++)
        {
            writer.Append(Command(number), default);
        }

        writer.Complete();
        var bytes = output.WrittenSpan.ToArray();
        bytes[WireLayout.Lp64.HeaderSize + offset] ^= bit;
        using var reader = Reader(allowSessionFlags: true);
        var input = new ReadOnlySequence<byte>(bytes);
        Assert.Equal(FrameStatus.Malformed, reader.TryRead(ref input, out _));
        Assert.True(reader.Fault.IsPayloadFault);
        reader.TakeDamaged(ref input, out var frame);
        Assert.True(input.IsEmpty);
        var told = new List<int> { frame.Command.ProcessId };
        var batch = frame.GetBatch();
        while (batch.MoveNext())
        {
            told.Add(batch.Current.ProcessId);
        }

        return told;
    }

    private static (FrameStatus Status, FrameFaultKind Fault) Read(CommandHeader header, bool allowSessionFlags)
    {
        var bytes = new byte[WireLayout.Lp64.HeaderSize];
        WireLayout.Lp64.Write(bytes, in header);
        using var reader = Reader(allowSessionFlags);
        var input = new ReadOnlySequence<byte>(bytes);
        return (reader.TryRead(ref input, out _), reader.Fault.Kind);
    }

    private static FrameReader Reader(bool allowSessionFlags) => new(new FrameReaderOptions
    {
        Layout = WireLayout.Lp64,
        AllowSessionFlags = allowSessionFlags,
        ExpectedSourceNode = 3,
        ExpectedDestinationNode = 4,
    });

    private static CommandHeader Command(int number)
    {
        var header = ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now) with
        {
            Command = CommandCode.SendMessage,
            DcId = 0,
            SourceEndpoint = 10,
            DestinationEndpoint = 11,
            ProcessId = number,
        };
        header.Message.Source = 10;
        return header;
    }
}
