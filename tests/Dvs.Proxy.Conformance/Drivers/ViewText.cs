using System.Globalization;
using System.Text.RegularExpressions;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>Finds the ids of threads in the driver's views, by the columns they stand in.</summary>
internal static partial class ViewText
{
    /// <summary>The text of a view with ids replaced.</summary>
    /// <param name="view">Name of the view.</param>
    /// <param name="text">Its text.</param>
    /// <param name="idText">Text for an id.</param>
    public static string ReplaceIds(string view, string text, Func<int, string> idText)
    {
        var ids = view switch
        {
            "proxies/info" => SenderAndReceiver(),
            "proxies/procs" => ProxyThread(),
            _ when view.EndsWith("/info", StringComparison.Ordinal) => InitialProcess(),
            _ when view.EndsWith("/procs", StringComparison.Ordinal) || view.EndsWith("/stats", StringComparison.Ordinal) => ProcessIds(),
            _ => null,
        };
        return ids is null ? text : ids.Replace(text, match => Replace(match, idText));
    }

    private static string Replace(Match match, Func<int, string> idText)
    {
        var text = match.Value;
        foreach (var id in match.Groups["id"].Captures.Reverse())
        {
            // 4294967295 is how a view writes the -1 of a remote process.
            if (int.TryParse(id.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                var start = id.Index - match.Index;
                text = $"{text[..start]}{idText(number)}{text[(start + id.Length)..]}";
            }
        }

        return text;
    }

    [GeneratedRegex(@"(?m)^dc_pid=(?<id>-?\d+)$")]
    private static partial Regex InitialProcess();

    // DC, number, endpoint, lpid/vpid
    [GeneratedRegex(@"(?m)^ *\d+ +-?\d+ +-?\d+ +(?<id>-?\d+)/(?<id>-?\d+) ")]
    private static partial Regex ProcessIds();

    // pair, flags, sender, receiver
    [GeneratedRegex(@"(?m)^ *\d+ +[0-9A-F]+ +(?<id>-?\d+) +(?<id>-?\d+) ")]
    private static partial Regex SenderAndReceiver();

    // pair, send or recv, thread
    [GeneratedRegex(@"(?m)^ *\d+ (?:send|recv) +(?<id>-?\d+) ")]
    private static partial Regex ProxyThread();
}
