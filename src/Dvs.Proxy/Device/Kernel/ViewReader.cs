using System.Text;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>
/// Reads a view of the driver. The driver keeps one read position per view for everybody, and sets it back where a reader meets the end: so a view is
/// read up to the answer that nothing is left, in reads that take as much as the driver gives at once, and by one thread of this process at a time.
/// </summary>
internal static class ViewReader
{
    /// <summary>What the driver gives in one read at most.</summary>
    private const int PageSize = 4096;

    private static readonly Lock OneReader = new();

    /// <summary>The text of a view.</summary>
    /// <exception cref="IOException">There is none, or it cannot be read.</exception>
    internal static string Read(string path)
    {
        var text = new byte[4 * PageSize];
        var length = 0;
        lock (OneReader)
        {
            using var file = File.OpenHandle(path, share: FileShare.ReadWrite);
            int read;
            do
            {
                if (text.Length - length < PageSize)
                {
                    Array.Resize(ref text, 2 * text.Length);
                }

                read = RandomAccess.Read(file, text.AsSpan(length), length);
                length += read;
            }
            while (read > 0);
        }

        return Encoding.UTF8.GetString(text, 0, length);
    }
}
