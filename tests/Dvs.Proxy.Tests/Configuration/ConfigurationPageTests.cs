using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Tests.Device.StandIn;
using Dvs.Proxy.Tests.House;
using Dvs.Proxy.Transport.Sockets;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Tests.Configuration;

/// <summary>docs/configuration.md says what the code does. Its tables of the classic file are written by the first test: run it with
/// DVS_WRITE_DOCS=1 in the environment after a change of the keys.</summary>
public sealed partial class ConfigurationPageTests
{
    private const string Begin = "<!-- keys:begin -->\n";
    private const string End = "<!-- keys:end -->";

    private static readonly string Page = Path.Combine(RepositoryRoot.Path, "docs", "configuration.md");

    [Fact]
    public void The_tables_of_the_classic_file_are_those_of_the_code()
    {
        var text = File.ReadAllText(Page);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "The page has lost the marks around its tables.");
        var expected = ClassicTables();
        if (Environment.GetEnvironmentVariable("DVS_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Page, text[..begin] + expected + text[end..]);
            return;
        }

        Assert.True(
            text[begin..end] == expected,
            $"docs/configuration.md is stale: run this test with DVS_WRITE_DOCS=1. Between its marks it ought to hold:\n{expected}");
    }

    [Theory]
    [InlineData(typeof(ProxyOptions), true)]
    [InlineData(typeof(PeerOptions), true)]
    [InlineData(typeof(TlsOptions), true)]
    [InlineData(typeof(TcpTransportOptions), false)]
    [InlineData(typeof(UnixSocketOptions), false)]
    [InlineData(typeof(SocketBufferSizes), false)]
    public void Every_option_is_on_the_page_with_its_key_and_its_default(Type options, bool hasKeys)
    {
        var rows = RowsOf(options.Name);
        var fresh = Activator.CreateInstance(options);
        var properties = options.GetProperties();

        Assert.Equal(properties.Select(static property => property.Name).Order(), rows.Keys.Order());
        HouseRule.AssertKept(
            from property in properties
            let found = rows[property.Name][hasKeys ? 4 : 3]
            let expected = Written(property.GetValue(fresh))
            where !Agrees(found, expected)
            select $"{options.Name}.{property.Name}: the page says {found}, the code {expected}");
        if (hasKeys)
        {
            HouseRule.AssertKept(
                from property in properties
                let expected = KeyOf(options, property.Name)
                where !rows[property.Name][1].StartsWith(expected, StringComparison.Ordinal)
                select $"{options.Name}.{property.Name}: the page says {rows[property.Name][1]}, the code {expected}");
        }
    }

    /// <summary>The page may say more behind the value, and calls "required" what an empty one stands for.</summary>
    private static bool Agrees(string found, string expected) =>
        found == expected || found.StartsWith(expected + ";", StringComparison.Ordinal) || found.StartsWith(expected + ":", StringComparison.Ordinal)
        || (found == "required" && expected is "" or "-1");

    private static string ClassicTables()
    {
        var text = new StringBuilder();
        foreach (var section in ClassicConfiguration.DescribeKeys().GroupBy(static key => key.Section))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### The section {section.Key}\n\n| key | value | left out | meaning | option |\n|---|---|---|---|---|\n");
            foreach (var key in section)
            {
                var names = string.Join(", ", key.Aliases.Prepend(key.Name).Select(static name => $"`{name}`"));
                var options = string.Join(", ", key.Options.Select(static option => $"`{option}`"));
                text.Append(CultureInfo.InvariantCulture, $"| {names} | {key.Values} | {key.Default} | {key.Description} | {options} |\n");
            }
        }

        return text.Append('\n').ToString();
    }

    /// <summary>The rows of the table below a heading, by the option in the first column.</summary>
    private static Dictionary<string, string[]> RowsOf(string heading)
    {
        var text = File.ReadAllText(Page);
        var begin = text.IndexOf($"\n### {heading}\n", StringComparison.Ordinal);
        Assert.True(begin >= 0, $"The page has no heading {heading}.");
        var end = text.IndexOf("\n### ", begin + 1, StringComparison.Ordinal);
        return OptionRow().Matches(end < 0 ? text[begin..] : text[begin..end])
            .Select(static row => row.Value.Trim().Trim('|').Split('|').Select(static cell => cell.Trim()).ToArray())
            .ToDictionary(static cells => cells[0].Trim('`'));
    }

    private static string KeyOf(Type options, string property)
    {
        var section = options == typeof(ProxyOptions) ? "node" : options == typeof(PeerOptions) ? "proxy" : "tls";
        var key = ClassicConfiguration.DescribeKeys()
            .SingleOrDefault(key => key.Section == section && key.Options.Any(option => option.Split(':')[^1] == property));
        return key is null ? "-" : $"`{key.Name}`";
    }

    private static string Written(object? value) => value switch
    {
        null => "none",
        bool isOn => isOn ? "on" : "off",
        TimeSpan time => time.TotalSeconds >= 1 ? $"{time.TotalSeconds} s" : $"{time.TotalMilliseconds} ms",
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        string text => text,
        System.Collections.IEnumerable => "empty",
        SocketBufferSizes => "below",
        _ => value.ToString()!,
    };

    [GeneratedRegex(@"^\| `\w+` \|.*$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
