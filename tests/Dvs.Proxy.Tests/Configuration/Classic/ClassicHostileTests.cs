using System.Text;
using Dvs.Proxy.Configuration;

namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>Files made to do harm: each is answered in bounded time and memory, with at least one error.</summary>
public class ClassicHostileTests
{
    private const int Size = ClassicConfiguration.MaxFileBytes;

    public static TheoryData<string, string> Files { get; } = new()
    {
        { "open braces", new string('{', Size) },
        { "close braces", new string('}', Size) },
        { "named braces", Repeat("a{") },
        { "sections in sections", Repeat("proxy a {") },
        { "tls in tls", "proxy a { proxyid 1; " + Repeat("tls {") },
        { "statements", Repeat("a;") },
        { "words", "proxy a { allow " + Repeat("1 ") },
        { "known keys without semicolons", "proxy a {\n" + Repeat("rport\n") },
        { "unknown keys", "proxy a {" + Repeat("aaaaaaaaaaaa;") },
        { "one word", "proxy a { " + new string('x', Size) },
        { "one number", "proxy a { proxyid " + new string('9', Size) },
        { "one name", "proxy " + new string('x', Size) + " { };" },
        { "quotes", new string('"', Size) },
        { "quotes in lines", Repeat("\"\n") },
        { "quotes before semicolons", Repeat("\";") },
        { "backslashes", "\"" + new string('\\', Size) },
        { "bad escapes", "\"" + Repeat("\\q") },
        { "long unterminated string", "proxy \"" + new string('x', Size) },
        { "unterminated in a block", "proxy a { proxyid \"1" },
        { "backslash at the end", "proxy a { rname \"\\" },
        { "backslash at the end of the line", "proxy a { rname \"\\\n;};" },
        { "NUL first", "\0proxy a { };" },
        { "NUL in a comment", "# \0" },
        { "NULs", new string('\0', Size) },
        { "half surrogates", Repeat("\ud800;") },
        { "many proxies", Repeat("proxy a{};") },
        { "many different proxies at one port", string.Concat(Enumerable.Range(1, 16_000).Select(i => $"proxy n{i}{{proxyid {i};rport 9;rname h{i};}};")) },
        { "many tls", "proxy a { proxyid 1; " + Repeat("tls { };") },
        { "braces in a nameless block", "{" + Repeat("{};") },
        { "prefix without length", "proxy a { allow 10.0.0.0/ /8 / 1.2.3.4/33 ::/129 ::1%1 [::1] 1.2.3.4/-1 1.2.3.4/+8; };" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void It_is_answered_with_errors_within_bounds(string what, string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();

        var file = ClassicConfiguration.Parse(text, what);
        var found = file.Check();

        Assert.Contains(found, diagnostic => diagnostic.Severity == ConfigurationSeverity.Error);
        Assert.InRange(found.Count, 1, 60_000);
        Assert.All(found, diagnostic => Assert.InRange(diagnostic.ToString().Length, 1, 700));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Fact]
    public void The_list_ends_with_a_word_about_what_is_left_out()
    {
        var found = ClassicConfiguration.Parse(Repeat("};\n"), "f").Diagnostics;

        Assert.Equal(1002, found.Count); // and that there are no peers
        Assert.Equal("more than 1000 errors and warnings; the rest is not listed", found[^1].Problem);
    }

    [Fact]
    public void Empty_words_of_the_right_kind_are_still_wrong() =>
        Assert.True(ClassicConfiguration.Parse("\"\" \"\" { \"\" \"\"; };", "f").HasErrors);

    private static string Repeat(string piece) => new StringBuilder().Insert(0, piece, Size / piece.Length).ToString();
}
