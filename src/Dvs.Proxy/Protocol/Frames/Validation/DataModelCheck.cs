using System.Buffers.Binary;

namespace Dvs.Proxy.Protocol.Frames.Validation;

/// <summary>What <see cref="DataModelCheck"/> says of a header.</summary>
internal enum DataModelVerdict
{
    /// <summary>It reads as well one way as the other: a header with nothing in it that differs.</summary>
    Undecided,

    /// <summary>It is of the configured data model.</summary>
    Confirmed,

    /// <summary>It is of the other data model.</summary>
    Contradicted,
}

/// <summary>
/// Tells whether a header was written in the configured data model or in the other one. The first 40 bytes are the same in both; from
/// there on the fields are read both ways, and what no node would send counts against a reading. The first 120 bytes decide, so that one
/// frame of an ILP32 peer is enough. A header that reads well in the configured model is never contradicted.
/// </summary>
internal static class DataModelCheck
{
    /// <summary>Bytes of a header that are looked at: the size of the shorter one.</summary>
    public const int BytesNeeded = 120;

    private const long Earliest = 946_684_800;      // 2000-01-01
    private const long Latest = 4_102_444_800;      // 2100-01-01
    private const int Impossible = -100;
    private const ulong KnownFlags = (ulong)(CommandFlags.Batch | CommandFlags.Lz4 | CommandFlags.CheckHeader
        | CommandFlags.Sequenced | CommandFlags.Digest | CommandFlags.Compact | CommandFlags.Xxh128);

    /// <summary>Weighs the two readings of <paramref name="header"/>.</summary>
    /// <param name="header">The first <see cref="BytesNeeded"/> bytes of a frame whose <c>c_cmd</c> is known.</param>
    /// <param name="configured">The data model to confirm.</param>
    /// <param name="field">Where contradicted: the field that makes no sense.</param>
    /// <param name="value">Where contradicted: what it holds.</param>
    public static DataModelVerdict Examine(ReadOnlySpan<byte> header, DataModel configured, out string field, out long value)
    {
        var own = Weigh(header, Read(header, configured), out field, out value);
        var other = Weigh(header, Read(header, Other(configured)), out _, out _);
        if (own > other)
        {
            return DataModelVerdict.Confirmed;
        }

        // Two bad readings are just a bad header; what is wrong with it is for the other checks to say.
        return other > own && other >= 0 ? DataModelVerdict.Contradicted : DataModelVerdict.Undecided;
    }

    /// <summary>The data model that is not <paramref name="model"/>.</summary>
    public static DataModel Other(DataModel model) => model == DataModel.Lp64 ? DataModel.Ilp32 : DataModel.Lp64;

    private static int Weigh(ReadOnlySpan<byte> header, in Reading reading, out string field, out long value)
    {
        (field, value) = ("c_flags", (long)reading.Flags);
        if ((reading.Flags & ~KnownFlags) != 0)
        {
            return Impossible;
        }

        (field, value) = ("c_snd_seq", (long)reading.SendSequence);
        if (reading.SendSequence >= 1UL << 48)
        {
            return Impossible;
        }

        (field, value) = ("c_ack_seq", (long)reading.AcknowledgeSequence);
        if (reading.AcknowledgeSequence >= 1UL << 48)
        {
            return Impossible;
        }

        (field, value) = ("c_timestamp.tv_sec", reading.Seconds);
        var time = WeighTime(in reading, ref field, ref value);
        if (time < 0)
        {
            return Impossible;
        }

        // Nobody counted so far in one connection; possible all the same.
        var count = reading.SendSequence >= 1UL << 40 ? -1 : 0;
        var message = WeighMessage(header, in reading);
        if (message < 0)
        {
            (field, value) = ("m_source", reading.MessageSource);
        }

        return time + count + message;
    }

    private static int WeighTime(in Reading reading, ref string field, ref long value)
    {
        if (reading.Nanoseconds is < 0 or > 999_999_999)
        {
            (field, value) = ("c_timestamp.tv_nsec", reading.Nanoseconds);
            return -1;
        }

        return reading.Seconds switch
        {
            >= Earliest and <= Latest => 6,
            0 when reading.Nanoseconds == 0 => 0,
            // A node whose clock was never set. Real clocks do not stand on a whole second.
            > 0 and < Earliest when reading.Nanoseconds >= 1000 => 0,
            _ => -1,
        };
    }

    // The driver puts the source endpoint into every message, a proxy its node id into a control message. The other commands carry
    // whatever was in the buffer: a match speaks for the reading, anything else says nothing.
    private static int WeighMessage(ReadOnlySpan<byte> header, in Reading reading)
    {
        var command = (CommandCode)Int(header, 0);
        var isControl = command == CommandCode.None;
        var isMessage = command is CommandCode.SendMessage or CommandCode.NotifyMessage
            or CommandCode.SendReceiveMessage or CommandCode.ReplyMessage;
        var source = Int(header, isControl ? 16 : 8);
        if (reading.MessageSource != source)
        {
            return isControl || isMessage ? -3 : 0;
        }

        var weight = source == 0 ? 0 : 2;
        return isControl || isMessage ? weight + (reading.MessageType == 0 ? 0 : 1) : weight;
    }

    private static Reading Read(ReadOnlySpan<byte> header, DataModel model) => model == DataModel.Lp64
        ? new Reading(Long(header, 40), Long(header, 48), Long(header, 56), (long)Long(header, 64), (long)Long(header, 72),
            Int(header, 80), Int(header, 84))
        : new Reading((uint)Int(header, 40), (uint)Int(header, 44), (uint)Int(header, 48), (uint)Int(header, 52), Int(header, 56),
            Int(header, 60), Int(header, 64));

    private static int Int(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadInt32LittleEndian(source[offset..]);

    private static ulong Long(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(source[offset..]);

    private readonly record struct Reading(
        ulong Flags, ulong SendSequence, ulong AcknowledgeSequence, long Seconds, long Nanoseconds, int MessageSource, int MessageType);
}
