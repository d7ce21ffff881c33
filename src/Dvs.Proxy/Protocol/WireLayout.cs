using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Protocol;

/// <summary>
/// Reads and writes a <see cref="CommandHeader"/> as C lays it out in one <see cref="DataModel"/>. Little-endian. The offsets come from
/// the compiler's tables. Stateless and thread-safe.
/// </summary>
public abstract class WireLayout
{
    private WireLayout(DataModel dataModel, int headerSize, int messageBodySize)
    {
        IsOfMemory = dataModel == DataModel.Lp64 && BitConverter.IsLittleEndian;
        DataModel = dataModel;
        HeaderSize = headerSize;
        MessageBodySize = messageBodySize;
    }

    /// <summary>Header size of the larger data model, in bytes.</summary>
    internal const int LargestHeaderSize = 168;

    /// <summary>Header size of the smaller data model, in bytes.</summary>
    internal const int SmallestHeaderSize = 120;

    /// <summary>64-bit nodes: 168-byte header.</summary>
    public static WireLayout Lp64 { get; } = new Lp64Layout();

    /// <summary>32-bit nodes: 120-byte header.</summary>
    public static WireLayout Ilp32 { get; } = new Ilp32Layout();

    /// <summary>The data model this layout belongs to.</summary>
    public DataModel DataModel { get; }

    /// <summary>Bytes of a header on the wire.</summary>
    public int HeaderSize { get; }

    /// <summary>Bytes of a message body on the wire.</summary>
    public int MessageBodySize { get; }

    /// <summary>The layout of <paramref name="dataModel"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a defined data model.</exception>
    public static WireLayout For(DataModel dataModel) => dataModel switch
    {
        DataModel.Lp64 => Lp64,
        DataModel.Ilp32 => Ilp32,
        _ => throw new ArgumentOutOfRangeException(nameof(dataModel), dataModel, "Neither LP64 nor ILP32."),
    };

    /// <summary>Reads a header from the first <see cref="HeaderSize"/> bytes of <paramref name="source"/>. Checks nothing but the length.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="source"/> is shorter than a header.</exception>
    public abstract void Read(ReadOnlySpan<byte> source, out CommandHeader header);

    /// <summary>Writes a header to the first <see cref="HeaderSize"/> bytes of <paramref name="destination"/>. Under ILP32 64-bit values
    /// are cut to 32 bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than a header.</exception>
    public abstract void Write(Span<byte> destination, in CommandHeader header);

    /// <summary>True where a header on the wire is laid out as <see cref="CommandHeader"/> is in memory: it can be used where it lies.</summary>
    internal bool IsOfMemory { get; }

    /// <summary>A header on the wire where it lies; in other layouts than that of memory, read into <paramref name="copy"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="source"/> is shorter than a header.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly CommandHeader View(ReadOnlySpan<byte> source, ref CommandHeader copy)
    {
        if (IsOfMemory)
        {
            return ref MemoryMarshal.AsRef<CommandHeader>(source);
        }

        Read(source, out copy);
        return ref copy;
    }

    /// <summary>Overwrites the fields that are the proxy's in a header already written: cheaper than a changed copy of the whole header.</summary>
    internal abstract void WriteProxyFields(Span<byte> destination, in ProxyFields fields);

    private static void WriteCommonProxyFields(Span<byte> destination, in ProxyFields fields)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination[28..], fields.PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(destination[36..], 0);
    }

    private sealed class Lp64Layout() : WireLayout(DataModel.Lp64, 168, MessageBody.Size)
    {
        public override void Read(ReadOnlySpan<byte> source, out CommandHeader header)
        {
            header = MemoryMarshal.Read<CommandHeader>(source);
            if (!BitConverter.IsLittleEndian)
            {
                ReverseEndianness(ref header);
            }
        }

        public override void Write(Span<byte> destination, in CommandHeader header)
        {
            if (BitConverter.IsLittleEndian)
            {
                MemoryMarshal.Write(destination, in header);
                return;
            }

            var copy = header;
            ReverseEndianness(ref copy);
            MemoryMarshal.Write(destination, in copy);
        }

        internal override void WriteProxyFields(Span<byte> destination, in ProxyFields fields)
        {
            destination = destination[..168];
            WriteCommonProxyFields(destination, in fields);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], (ulong)fields.Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], fields.SendSequence);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[56..], fields.AcknowledgeSequence);
        }

        // The message body stays as it is: it is opaque bytes of the cluster's own byte order.
        private static void ReverseEndianness(ref CommandHeader header)
        {
            var ints = MemoryMarshal.CreateSpan(ref Unsafe.As<CommandHeader, int>(ref header), 10);
            BinaryPrimitives.ReverseEndianness(ints, ints);
            header.Flags = (CommandFlags)BinaryPrimitives.ReverseEndianness((ulong)header.Flags);
            header.SendSequence = BinaryPrimitives.ReverseEndianness(header.SendSequence);
            header.AcknowledgeSequence = BinaryPrimitives.ReverseEndianness(header.AcknowledgeSequence);
            header.Timestamp = new Timestamp(
                BinaryPrimitives.ReverseEndianness(header.Timestamp.Seconds),
                BinaryPrimitives.ReverseEndianness(header.Timestamp.Nanoseconds));
            header.Message.Source = BinaryPrimitives.ReverseEndianness(header.Message.Source);
            header.Message.Type = BinaryPrimitives.ReverseEndianness(header.Message.Type);
            ref var copy = ref header.Copy;
            copy.SourceEndpoint = BinaryPrimitives.ReverseEndianness(copy.SourceEndpoint);
            copy.DestinationEndpoint = BinaryPrimitives.ReverseEndianness(copy.DestinationEndpoint);
            copy.RequesterEndpoint = BinaryPrimitives.ReverseEndianness(copy.RequesterEndpoint);
            copy.SourceAddress = BinaryPrimitives.ReverseEndianness(copy.SourceAddress);
            copy.DestinationAddress = BinaryPrimitives.ReverseEndianness(copy.DestinationAddress);
            copy.Length = BinaryPrimitives.ReverseEndianness(copy.Length);
        }
    }

    private sealed class Ilp32Layout() : WireLayout(DataModel.Ilp32, 120, 28)
    {
        public override void Read(ReadOnlySpan<byte> source, out CommandHeader header)
        {
            source = source[..120];
            header = default;
            header.Command = (CommandCode)Int(source, 0);
            header.DcId = Int(source, 4);
            header.SourceEndpoint = Int(source, 8);
            header.DestinationEndpoint = Int(source, 12);
            header.SourceNode = Int(source, 16);
            header.DestinationNode = Int(source, 20);
            header.ResultCode = Int(source, 24);
            header.PayloadLength = Int(source, 28);
            header.ProcessId = Int(source, 32);
            header.BatchCount = Int(source, 36);
            header.Flags = (CommandFlags)(uint)Int(source, 40);
            header.SendSequence = (uint)Int(source, 44);
            header.AcknowledgeSequence = (uint)Int(source, 48);
            header.Timestamp = new Timestamp(Int(source, 52), Int(source, 56));
            header.Message.Source = Int(source, 60);
            header.Message.Type = Int(source, 64);
            source.Slice(68, 28).CopyTo(header.Message.Body.Bytes);
            header.Copy.SourceEndpoint = Int(source, 96);
            header.Copy.DestinationEndpoint = Int(source, 100);
            header.Copy.RequesterEndpoint = Int(source, 104);
            header.Copy.SourceAddress = (uint)Int(source, 108);
            header.Copy.DestinationAddress = (uint)Int(source, 112);
            header.Copy.Length = Int(source, 116);
        }

        public override void Write(Span<byte> destination, in CommandHeader header)
        {
            destination = destination[..120];
            Int(destination, 0, (int)header.Command);
            Int(destination, 4, header.DcId);
            Int(destination, 8, header.SourceEndpoint);
            Int(destination, 12, header.DestinationEndpoint);
            Int(destination, 16, header.SourceNode);
            Int(destination, 20, header.DestinationNode);
            Int(destination, 24, header.ResultCode);
            Int(destination, 28, header.PayloadLength);
            Int(destination, 32, header.ProcessId);
            Int(destination, 36, header.BatchCount);
            Int(destination, 40, (int)header.Flags);
            Int(destination, 44, (int)header.SendSequence);
            Int(destination, 48, (int)header.AcknowledgeSequence);
            Int(destination, 52, (int)header.Timestamp.Seconds);
            Int(destination, 56, (int)header.Timestamp.Nanoseconds);
            Int(destination, 60, header.Message.Source);
            Int(destination, 64, header.Message.Type);
            header.Message.Body.ReadOnlyBytes[..28].CopyTo(destination[68..]);
            Int(destination, 96, header.Copy.SourceEndpoint);
            Int(destination, 100, header.Copy.DestinationEndpoint);
            Int(destination, 104, header.Copy.RequesterEndpoint);
            Int(destination, 108, (int)header.Copy.SourceAddress);
            Int(destination, 112, (int)header.Copy.DestinationAddress);
            Int(destination, 116, header.Copy.Length);
        }

        internal override void WriteProxyFields(Span<byte> destination, in ProxyFields fields)
        {
            destination = destination[..120];
            WriteCommonProxyFields(destination, in fields);
            Int(destination, 40, (int)fields.Flags);
            Int(destination, 44, (int)fields.SendSequence);
            Int(destination, 48, (int)fields.AcknowledgeSequence);
        }

        private static int Int(ReadOnlySpan<byte> source, int offset) => BinaryPrimitives.ReadInt32LittleEndian(source[offset..]);

        private static void Int(Span<byte> destination, int offset, int value) =>
            BinaryPrimitives.WriteInt32LittleEndian(destination[offset..], value);
    }
}

/// <summary>The fields of a header that a sending proxy sets, whatever the driver left in them; the batch count is 0 until a batch is closed.</summary>
internal readonly record struct ProxyFields(int PayloadLength, CommandFlags Flags, ulong SendSequence, ulong AcknowledgeSequence)
{
    /// <summary>Those of a command inside a batch, which has none of its own.</summary>
    /// <param name="flags">The flags it came with.</param>
    public static ProxyFields OfBatched(CommandFlags flags) => new(0, flags & CommandFlags.CheckHeader, 0, 0);

    /// <summary>Sets them in a header that lies in the frame already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(ref CommandHeader header)
    {
        header.PayloadLength = PayloadLength;
        header.BatchCount = 0;
        header.Flags = Flags;
        header.SendSequence = SendSequence;
        header.AcknowledgeSequence = AcknowledgeSequence;
    }
}
