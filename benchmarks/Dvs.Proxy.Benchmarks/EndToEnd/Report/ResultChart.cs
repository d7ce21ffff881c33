using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Draws a run as an SVG bar chart: for every scenario what part of the limit was reached, with the spread and the target.</summary>
internal sealed class ResultChart
{
    private const int Margin = 20;
    private const int RowHeight = 26;
    private const int GroupHeight = 34;
    private const int PlotTop = 104;
    private const int PlotWidth = 420;
    private const int FootHeight = 64;
    private const int ColumnWidth = 92;

    // No font is asked: a wide one (DejaVu Sans) needs so much at the size of the labels.
    private const double LetterWidth = 7.4;
    private const double LeastScale = 1.2;
    private const double MostScale = 1.6;

    // A ground of its own: a page's may be light or dark.
    private const string Ground = "#ffffff";
    private const string Frame = "#d0d7de";
    private const string Ink = "#1f2328";
    private const string Pale = "#59636e";
    private const string Grid = "#e7ebef";
    private const string Met = "#2f7d5b";
    private const string Missed = "#d98324";
    private const string Plain = "#8fa6bf";
    private const string TargetMark = "#b42318";

    private readonly RunResult _result;
    private readonly List<IGrouping<string, ScenarioResult>> _groups;
    private readonly int _left;
    private readonly int _width;
    private readonly int _bottom;
    private readonly double _scale;
    private readonly SvgCanvas _canvas;

    private ResultChart(RunResult result)
    {
        _result = result;
        _groups = [.. result.Scenarios.GroupBy(static scenario => GroupOf(scenario.Name))];
        _left = Margin + (int)(LetterWidth * result.Scenarios.Select(static scenario => scenario.Title.Length).DefaultIfEmpty(20).Max()) + 12;
        _width = (int)Math.Max(Column(3) + Margin, 900);
        _bottom = PlotTop + _groups.Sum(static group => GroupHeight + (group.Count() * RowHeight)) + 6;
        var most = result.Scenarios.Select(static scenario => RatioOf(scenario).Most).DefaultIfEmpty(0).Max();
        _scale = Math.Clamp(Math.Ceiling(most * 5) / 5, LeastScale, MostScale);
        _canvas = new SvgCanvas(_width, _bottom + FootHeight, "Dvs.Proxy end to end, as part of what a bare socket program reaches");
    }

    public static string Draw(RunResult result)
    {
        var chart = new ResultChart(result);
        chart.DrawHead();
        chart.DrawAxis();
        double y = PlotTop;
        foreach (var group in chart._groups)
        {
            chart._canvas.Text(Margin, y + GroupHeight - 12, group.Key, Ink, weight: 600);
            y += GroupHeight;
            foreach (var scenario in group)
            {
                chart.DrawRow(scenario, y);
                y += RowHeight;
            }
        }

        chart.DrawLegend();
        return chart._canvas.ToString();
    }

    private void DrawHead()
    {
        _canvas.Box(0.5, 0.5, _width - 1, _bottom + FootHeight - 1, Ground, radius: 8, stroke: Frame);
        _canvas.Text(Margin, 32, "Dvs.Proxy end to end, as part of what a bare socket program reaches on the same machine", Ink, size: 17, weight: 600);
        _canvas.Text(Margin, 54, $"{_result.Machine.Split(", load")[0]}; {_result.Runtime}; limit: {_result.Limit}; {_result.At.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", Pale, size: 12);
        string[] heads = ["of the limit", "ours", "limit", "commands/s"];
        for (var column = 0; column < heads.Length; column++)
        {
            _canvas.Text(Column(column), PlotTop - 8, heads[column], Pale, size: 11, anchor: "end");
        }
    }

    private void DrawAxis()
    {
        for (var percent = 0; percent <= (int)Math.Round(_scale * 100); percent += 20)
        {
            var x = X(percent / 100.0);
            var isLimit = percent == 100;
            _canvas.Line(x, PlotTop, x, _bottom, isLimit ? Pale : Grid, isLimit ? 1.5 : 1);
            _canvas.Text(x, PlotTop - 8, $"{percent}%", isLimit ? Ink : Pale, size: 11, weight: isLimit ? 600 : 400, anchor: "middle");
        }
    }

    private void DrawRow(ScenarioResult scenario, double y)
    {
        var (ratio, target) = (RatioOf(scenario), TargetOf(scenario));
        var middle = y + (RowHeight / 2.0);
        var fill = target is null ? Plain : ratio.Median >= target ? Met : Missed;
        _canvas.Text(_left - 12, middle + 4.5, scenario.Title, Ink, anchor: "end");
        _canvas.Box(_left, y + 5, X(ratio.Median) - _left, RowHeight - 10, fill, radius: 2);
        DrawSpread(ratio, middle);
        if (target is { } mark)
        {
            _canvas.Line(X(mark), y + 1, X(mark), y + RowHeight - 1, TargetMark, 2.5);
        }

        var values = Values(scenario, ratio);
        for (var column = 0; column < values.Length; column++)
        {
            _canvas.Text(Column(column), middle + 4.5, values[column], column == 0 ? Ink : Pale, size: 12.5, weight: column == 0 ? 600 : 400, anchor: "end");
        }
    }

    // White below black shows on every bar and on the ground.
    private void DrawSpread(Spread ratio, double middle)
    {
        var (least, most) = (X(ratio.Least), X(ratio.Most));
        foreach (var (colour, width) in (ReadOnlySpan<(string, double)>)[(Ground, 3.5), (Ink, 1.5)])
        {
            _canvas.Line(least, middle, most, middle, colour, width);
            _canvas.Line(least, middle - 4, least, middle + 4, colour, width);
            _canvas.Line(most, middle - 4, most, middle + 4, colour, width);
        }
    }

    private void DrawLegend()
    {
        double y = _bottom + 24, x = Margin;
        foreach (var (fill, text) in (ReadOnlySpan<(string, string)>)[(Met, "target met"), (Missed, "target missed"), (Plain, "no target")])
        {
            _canvas.Box(x, y - 10, 18, 12, fill, radius: 2);
            x = Legend(x + 24, y, text);
        }

        _canvas.Line(x + 4, y - 12, x + 4, y + 4, TargetMark, 2.5);
        x = Legend(x + 14, y, "target");
        _canvas.Line(x, y - 4, x + 20, y - 4, Ink, 1.5);
        _canvas.Line(x, y - 8, x, y, Ink, 1.5);
        _canvas.Line(x + 20, y - 8, x + 20, y, Ink, 1.5);
        Legend(x + 28, y, $"least to most of {_result.Scenarios.Select(static scenario => scenario.Rounds.Count).DefaultIfEmpty(0).Max()} rounds; bars are medians");
        _canvas.Text(
            Margin, y + 22, "Round trips: the limit's median time over ours. LZ4: the limit is LZ4 block compression alone on one core, where that is slower than the sockets.", Pale, size: 11.5);
    }

    private double Legend(double x, double y, string text)
    {
        _canvas.Text(x, y, text, Ink, size: 12);
        return x + (text.Length * LetterWidth) + 14;
    }

    private static string[] Values(ScenarioResult scenario, Spread ratio)
    {
        string Number(Func<Round, double> value) => ResultTable.Number(scenario.Median(value));
        var commands = scenario.Median(static round => round.Ours.Commands);
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{ratio.Median * 100:0}%"),
            IsRoundTrip(scenario) ? $"{Number(static round => round.Ours.Latency.P50)} µs" : $"{Number(static round => round.Ours.MegaBytes)} MB/s",
            IsRoundTrip(scenario) ? $"{Number(static round => round.Limit.Latency.P50)} µs" : $"{Number(static round => round.Limit.MegaBytes)} MB/s",
            commands >= 1e6 ? $"{ResultTable.Number(commands / 1e6)} M" : $"{ResultTable.Number(commands / 1e3)} k",
        ];
    }

    private static string GroupOf(string scenario) => scenario.Split('-')[0] switch
    {
        "ping" => "Round trip",
        "headers" => "Messages: a header of 168 bytes, one way",
        "blocks" => "Copies: blocks, one way",
        "peers" => "Several peers of one process",
        _ => "Mixed",
    };

    private static bool IsRoundTrip(ScenarioResult scenario) => scenario.Rounds.Any(static round => round.Ours.Latency.P50 > 0);

    private static Spread RatioOf(ScenarioResult scenario) => IsRoundTrip(scenario)
        ? Spread.Of(scenario.Rounds.Select(static round => round.Limit.Latency.P50 / round.Ours.Latency.P50))
        : scenario.ThroughputRatio;

    private static double? TargetOf(ScenarioResult scenario) => IsRoundTrip(scenario) ? 1 / scenario.Target.Latency : scenario.Target.Throughput;

    private double X(double ratio) => _left + (Math.Clamp(ratio, 0, _scale) / _scale * PlotWidth);

    // Where a column of figures ends. The axis' last label needs some room before the first.
    private double Column(int index) => _left + PlotWidth + 16 + ((index + 1) * ColumnWidth);
}
