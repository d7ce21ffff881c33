using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Tests.Diagnostics.Logging;

public class ForeignTextTests
{
    [Theory]
    [InlineData("server-1 é 漢 😀", "server-1 é 漢 😀")]
    [InlineData("\u001b[2J\r\nok\t\u0007", "\\x1b[2J\\r\\nok\\t\\x07")]
    [InlineData("\u0085\u009b31m\u007f", "\\x85\\x9b31m\\x7f")]
    [InlineData("abc\u202Etxt.exe\u2066\u200f\u061c", "abc\\u202etxt.exe\\u2066\\u200f\\u061c")]
    [InlineData("a\u2028b\u2029c\ufeff", "a\\u2028b\\u2029c\\ufeff")]
    [InlineData("tag \U000E0041.", "tag \\udb40\\udc41.")]
    [InlineData("", "")]
    public void What_moves_hides_or_turns_is_escaped_and_nothing_else(string raw, string shown)
    {
        Assert.Equal(shown, ForeignText.Escape(raw));
        Assert.Equal(shown, ForeignText.Escape(ForeignText.Escape(raw)));
    }

    [Fact]
    public void Half_a_character_is_escaped()
    {
        Assert.Equal("a\\ud83d", ForeignText.Escape("a\ud83d"));
        Assert.Equal("\\ude00b", ForeignText.Escape("\ude00b"));
        Assert.Equal("\\ud83d\\ud83d", ForeignText.Escape("\ud83d\ud83d"));
    }

    [Fact]
    public void A_name_is_cut_where_it_is_longer_than_names_are()
    {
        Assert.Equal(new string('a', 120), ForeignText.EscapeName(new string('a', 120)));
        Assert.Equal(new string('a', 119) + "…", ForeignText.EscapeName(new string('a', 121)));
    }

    [Fact]
    public void The_reason_of_an_end_is_fit_for_a_terminal()
    {
        Assert.Equal("\\x1b]0;x\\x07", new ConnectionEnd(ConnectionEndCause.Broken, "\u001b]0;x\u0007").Text);
        Assert.Equal("a\\nb", ConnectionEnd.Of(new IOException("a\nb.")).Text);
    }
}
