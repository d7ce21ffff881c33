using System.Globalization;
using System.Net;
using System.Text;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Draws a run as an SVG bar chart: for every scenario what part of the limit was reached, with the spread and the target.</summary>
internal static class ResultChart
{
    private const int RowHeight = 30;
    private const int LabelWidth = 340;
    private const int BarWidth = 420;
    private const int ValueWidth = 250;
    private const int Top = 74;
    private const double ScaleEnd = 1.2;

    public static string Draw(RunResult result)
    {
        List<ScenarioResult> rows = [.. result.Scenarios];
        var height = Top + (rows.Count * RowHeight) + 46;
        const int Width = LabelWidth + BarWidth + ValueWidth;
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{height}" viewBox="0 0 {Width} {height}" font-family="system-ui, sans-serif" font-size="13">""");
        svg.AppendLine($"""<rect width="100%" height="100%" fill="#ffffff"/>""");
        Text(svg, 16, 26, "Dvs.Proxy end to end, as part of what the machine gives to a bare program", "#111827", size: 16, weight: 600);
        Text(svg, 16, 46, $"{result.Machine.Split(", load")[0]}; {result.Runtime}; limit: {result.Limit}; {result.At:yyyy-MM-dd}", "#6b7280", size: 11);
        DrawAxis(svg, rows.Count);
        for (var index = 0; index < rows.Count; index++)
        {
            DrawRow(svg, rows[index], Top + (index * RowHeight));
        }

        var foot = Top + (rows.Count * RowHeight) + 28;
        Text(svg, 16, foot, "Bars: medians; whiskers: all rounds; marks: targets. Ping-pong: the limit's median round trip over ours.", "#6b7280", size: 11);
        svg.AppendLine("</svg>");
        return svg.ToString();
    }

    private static void DrawAxis(StringBuilder svg, int rows)
    {
        for (var percent = 0; percent <= 120; percent += 20)
        {
            var x = X(percent / 100.0);
            Line(svg, x, Top - 6, x, Top + (rows * RowHeight), percent == 100 ? "#9ca3af" : "#e5e7eb", 1);
            Text(svg, x, Top - 10, $"{percent}%", "#6b7280", size: 10, anchor: "middle");
        }
    }

    private static void DrawRow(StringBuilder svg, ScenarioResult scenario, int y)
    {
        var isPing = scenario.Rounds.Any(static round => round.Ours.Latency.P50 > 0);
        var ratio = isPing
            ? Spread.Of(scenario.Rounds.Select(static round => round.Limit.Latency.P50 / round.Ours.Latency.P50))
            : scenario.ThroughputRatio;
        var target = isPing ? 1 / scenario.Target.Latency : scenario.Target.Throughput;
        var middle = y + (RowHeight / 2);
        var colour = target is { } wanted && ratio.Median < wanted ? "#d97706" : "#2563eb";
        Text(svg, LabelWidth - 12, middle + 4, scenario.Title, "#111827", anchor: "end");
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{LabelWidth}" y="{y + 6}" width="{X(ratio.Median) - LabelWidth:0.#}" height="{RowHeight - 12}" rx="2" fill="{colour}"/>""");
        Line(svg, X(ratio.Least), middle, X(ratio.Most), middle, "#111827", 1.5);
        if (target is { } mark)
        {
            Line(svg, X(mark), y + 2, X(mark), y + RowHeight - 2, "#dc2626", 2);
        }

        Text(svg, LabelWidth + BarWidth + 12, middle + 4, Describe(scenario, ratio, isPing), "#374151", size: 12);
    }

    private static string Describe(ScenarioResult scenario, Spread ratio, bool isPing)
    {
        var amount = isPing
            ? $"{ResultTable.Number(scenario.Median(static round => round.Ours.Latency.P50))} µs (limit {ResultTable.Number(scenario.Median(static round => round.Limit.Latency.P50))})"
            : $"{ResultTable.Number(scenario.Median(static round => round.Ours.MegaBytes))} MB/s, {scenario.Median(static round => round.Ours.Commands) / 1e6:0.##} M commands/s";
        return string.Create(CultureInfo.InvariantCulture, $"{ratio.Median:P0}  {amount}");
    }

    private static double X(double ratio) => LabelWidth + (Math.Clamp(ratio, 0, ScaleEnd) / ScaleEnd * BarWidth);

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string colour, double width) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{colour}" stroke-width="{width}"/>""");

    private static void Text(StringBuilder svg, double x, double y, string text, string colour, int size = 13, int weight = 400, string anchor = "start") =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x:0.#}" y="{y:0.#}" fill="{colour}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}">{WebUtility.HtmlEncode(text)}</text>""");
}
