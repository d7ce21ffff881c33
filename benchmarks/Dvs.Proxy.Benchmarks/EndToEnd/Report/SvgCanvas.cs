using System.Globalization;
using System.Net;
using System.Text;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The few shapes of a chart, written as SVG.</summary>
internal sealed class SvgCanvas
{
    private readonly StringBuilder _svg = new();

    public SvgCanvas(int width, int height, string title)
    {
        Append($"""<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif">""");
        Append($"<title>{WebUtility.HtmlEncode(title)}</title>");
    }

    public void Box(double x, double y, double width, double height, string fill, double radius = 0, string stroke = "none") =>
        Append($"""<rect x="{x:0.#}" y="{y:0.#}" width="{width:0.#}" height="{height:0.#}" rx="{radius:0.#}" fill="{fill}" stroke="{stroke}"/>""");

    public void Line(double x1, double y1, double x2, double y2, string colour, double width, string dashes = "none") =>
        Append($"""<line x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}" stroke="{colour}" stroke-width="{width:0.#}" stroke-dasharray="{dashes}"/>""");

    /// <param name="x">Where it starts, or as <paramref name="anchor"/> says.</param>
    /// <param name="y">The line it stands on.</param>
    /// <param name="text">Anything.</param>
    /// <param name="colour">As in CSS.</param>
    /// <param name="size">Height of the letters in pixels.</param>
    /// <param name="weight">400 is normal, 600 bold.</param>
    /// <param name="anchor">start, middle or end.</param>
    public void Text(double x, double y, string text, string colour, double size = 13, int weight = 400, string anchor = "start") =>
        Append($"""<text x="{x:0.#}" y="{y:0.#}" fill="{colour}" font-size="{size:0.#}" font-weight="{weight}" text-anchor="{anchor}">{WebUtility.HtmlEncode(text)}</text>""");

    public override string ToString() => $"{_svg}</svg>\n";

    private void Append(FormattableString element) => _svg.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
