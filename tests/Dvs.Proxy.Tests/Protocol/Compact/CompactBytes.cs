using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compact;

namespace Dvs.Proxy.Tests.Protocol.Compact;

/// <summary>Writes and reads compact headers in every way that this machine has; all must come to the same.</summary>
internal static class CompactBytes
{
    public static byte[] FromHex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Of(DataModel model, CommandHeader header)
    {
        var layout = WireLayout.For(model);
        var bytes = new byte[layout.HeaderSize];
        layout.Write(bytes, in header);
        return bytes;
    }

    /// <summary>All headers but the first, each as its difference from the one before.</summary>
    public static byte[] Write(IReadOnlyList<byte[]> headers)
    {
        var bytes = Write(headers, CompactHeaderWriter.WritePortable);
        Assert.Equal(bytes, Write(headers, CompactHeaderWriter.Write));
        return bytes;
    }

    public static void ReadAndCompare(byte[] bytes, IReadOnlyList<byte[]> headers)
    {
        Assert.Equal(CompactFault.None, Read(bytes, headers[0], headers.Count - 1, out var content, out var index));
        Assert.Equal(headers.Count - 1, index);
        Assert.Equal(headers.Skip(1).SelectMany(static header => header), content);
    }

    /// <summary>Reads so many headers; what is wrong, and with which, is the same in every way.</summary>
    public static CompactFault Read(byte[] bytes, byte[] outer, int count, out byte[] content, out int index)
    {
        content = new byte[count * outer.Length];
        var fault = CompactHeaderReader.ReadAll(bytes, outer, content, out index);
        var portable = new byte[content.Length];
        Assert.Equal(fault, ReadPortable(bytes, outer, portable, out var portableIndex));
        Assert.Equal(index, portableIndex);
        if (fault == CompactFault.None)
        {
            Assert.Equal(content, portable);
        }

        return fault;
    }

    private delegate int Writer(ReadOnlySpan<byte> header, ReadOnlySpan<byte> previous, Span<byte> destination);

    private static byte[] Write(IReadOnlyList<byte[]> headers, Writer writer)
    {
        var bytes = new List<byte>();
        var previous = headers[0];
        var room = new byte[CompactFormat.LargestLength(previous.Length) + CompactFormat.Excess];
        foreach (var header in headers.Skip(1))
        {
            bytes.AddRange(room.AsSpan(0, writer(header, previous, room)));
            previous = header;
        }

        return [.. bytes];
    }

    private static CompactFault ReadPortable(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> previous, Span<byte> content, out int index)
    {
        for (index = 1; !content.IsEmpty; index++)
        {
            var header = content[..previous.Length];
            var fault = CompactHeaderReader.ReadPortable(bytes, previous, header, out var length);
            if (fault != CompactFault.None)
            {
                return fault;
            }

            bytes = bytes[length..];
            content = content[header.Length..];
            previous = header;
        }

        index--;
        return bytes.IsEmpty ? CompactFault.None : CompactFault.TrailingBytes;
    }
}
