using System.Text;

namespace Dvs.Proxy.Emulation;

/// <summary>Names as the driver keeps them: at most 15 bytes, the rest is cut.</summary>
internal static class Names
{
    private const int MaxBytes = 15;

    /// <summary>What a thread of this process is called where its own name cannot be read.</summary>
    public static string OfThisProcess { get; } = Cut(Path.GetFileNameWithoutExtension(Environment.ProcessPath) ?? "dotnet");

    public static string Cut(string? name)
    {
        name ??= "";
        while (Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            name = name[..^1];
        }

        return name;
    }
}
