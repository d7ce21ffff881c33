using System.Text;

namespace Dvs.Proxy.Device.Kernel.Records;

/// <summary>Names as the driver keeps them: at most 15 bytes of UTF-8, ended by a NUL.</summary>
internal static class DvkText
{
    /// <summary>Writes <paramref name="name"/>, cut at a character's border, and fills up with NUL.</summary>
    internal static void Write(Span<byte> destination, string name)
    {
        destination.Clear();
        Encoding.UTF8.GetEncoder().Convert(name, destination[..^1], flush: true, out _, out var used, out _);
        destination[used..].Clear();
    }

    /// <summary>Reads a name up to its NUL.</summary>
    internal static string Read(ReadOnlySpan<byte> source)
    {
        var end = source.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? source : source[..end]);
    }
}
