using System.Globalization;

namespace Dvs.Proxy.Diagnostics;

/// <summary>Numbers of things in sentences.</summary>
internal static class Counted
{
    /// <summary><c>1 command</c>, <c>2 commands</c>.</summary>
    public static string Of(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary><c>1 command was</c>, <c>2 commands were</c>.</summary>
    public static string Were(long count, string noun) => $"{Of(count, noun)} {(count == 1 ? "was" : "were")}";
}
