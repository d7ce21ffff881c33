using System.Buffers.Binary;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>Messages between client and server: two numbers and an address.</summary>
internal static class TrafficMessage
{
    /// <summary>Added to the type in replies.</summary>
    public const int Reply = 0x100;

    private const int SecondOffset = 4;
    private const int AddressOffset = 16;

    public static Message Make(int type, int first, int second, ulong address = 0)
    {
        var message = new Message { Type = type };
        BinaryPrimitives.WriteInt32LittleEndian(message.Body.Bytes, first);
        BinaryPrimitives.WriteInt32LittleEndian(message.Body.Bytes[SecondOffset..], second);
        BinaryPrimitives.WriteUInt64LittleEndian(message.Body.Bytes[AddressOffset..], address);
        return message;
    }

    public static int First(in Message message) => BinaryPrimitives.ReadInt32LittleEndian(message.Body.ReadOnlyBytes);

    public static int Second(in Message message) => BinaryPrimitives.ReadInt32LittleEndian(message.Body.ReadOnlyBytes[SecondOffset..]);

    public static ulong Address(in Message message) => BinaryPrimitives.ReadUInt64LittleEndian(message.Body.ReadOnlyBytes[AddressOffset..]);

    /// <summary>Tells whether bytes arrived as they were.</summary>
    public static int Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 17;
        foreach (var value in bytes)
        {
            sum = unchecked((sum * 31) + value);
        }

        return sum;
    }

    /// <summary>Fills a block with bytes that depend on the number of the request.</summary>
    public static void Fill(Span<byte> bytes, int request)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)((i * 7) + request);
        }
    }
}
