using System.Buffers.Binary;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Messages;

/// <summary>Fields of a message body, little-endian, for the typed message forms.</summary>
internal static class BodyField
{
    public static short Short(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadInt16LittleEndian(body[offset..]);

    public static int Int(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadInt32LittleEndian(body[offset..]);

    public static long Long64(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadInt64LittleEndian(body[offset..]);

    public static ulong Pointer64(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(body[offset..]);

    public static ulong Pointer32(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(body[offset..]);

    public static Timestamp Time64(ReadOnlySpan<byte> body, int offset) => new(Long64(body, offset), Long64(body, offset + 8));

    public static Timestamp Time32(ReadOnlySpan<byte> body, int offset) => new(Int(body, offset), Int(body, offset + 4));

    public static void Write(Span<byte> body, int offset, short value) => BinaryPrimitives.WriteInt16LittleEndian(body[offset..], value);

    public static void Write(Span<byte> body, int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(body[offset..], value);

    public static void Write(Span<byte> body, int offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(body[offset..], value);

    public static void Write64(Span<byte> body, int offset, Timestamp value)
    {
        Write(body, offset, value.Seconds);
        Write(body, offset + 8, value.Nanoseconds);
    }

    public static void Write32(Span<byte> body, int offset, Timestamp value)
    {
        Write(body, offset, (int)value.Seconds);
        Write(body, offset + 4, (int)value.Nanoseconds);
    }

    /// <summary>Fills <paramref name="field"/>: cut where the value is longer, followed by zeros where it is shorter.</summary>
    public static void Write(Span<byte> field, MessageBytes value)
    {
        var bytes = value.Span;
        var length = Math.Min(bytes.Length, field.Length);
        bytes[..length].CopyTo(field);
        field[length..].Clear();
    }
}
