using System.Text;

namespace Dvs.Proxy.Configuration;

/// <summary>One thing that is wrong with a configuration: what, where, and what to do about it. Immutable.</summary>
public sealed class ConfigurationDiagnostic
{
    /// <summary>Whether the proxy can start with it.</summary>
    public required ConfigurationSeverity Severity { get; init; }

    /// <summary>What is wrong, in plain words: <c>out of range</c>.</summary>
    public required string Problem { get; init; }

    /// <summary>The classic file it is in; null for options that came another way.</summary>
    public string? File { get; init; }

    /// <summary>Line in the file, from 1; 0 where no line can be named.</summary>
    public int Line { get; init; }

    /// <summary>Column in the line, from 1, counted in characters (a tab is one); 0 where no column can be named.</summary>
    public int Column { get; init; }

    /// <summary>The key: the classic word (<c>proxyid</c>), or the path of the option (<c>Dvs:Peers:1:ProxyId</c>).</summary>
    public string? Key { get; init; }

    /// <summary>What was found, fit for display: a word in quotes, or <c>end of file</c>.</summary>
    public string? Found { get; init; }

    /// <summary>What was expected instead.</summary>
    public string? Expected { get; init; }

    /// <summary>What to do: a sentence.</summary>
    public string? Suggestion { get; init; }

    /// <summary>
    /// One line for people and editors: <c>multi_proxy.cfg:7:5: error: proxyid: out of range: found "40", expected 0..31</c>, or, without a
    /// file, <c>Dvs:Peers:1:ProxyId = 40: out of range: expected 0..31</c>.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var found = Found;
        if (File is not null)
        {
            text.Append(File).Append(':');
            if (Line > 0)
            {
                text.Append(Line).Append(':').Append(Column).Append(':');
            }

            text.Append(Severity == ConfigurationSeverity.Error ? " error: " : " warning: ");
        }
        else if (Severity == ConfigurationSeverity.Warning)
        {
            text.Append("warning: ");
        }

        if (Key is not null)
        {
            text.Append(Key);
            if (File is null && found is not null)
            {
                text.Append(" = ").Append(found);
                found = null;
            }

            text.Append(": ");
        }

        text.Append(Problem);
        var separator = ": ";
        if (found is not null)
        {
            text.Append(": found ").Append(found);
            separator = ", ";
        }

        if (Expected is not null)
        {
            text.Append(separator).Append("expected ").Append(Expected);
        }

        if (Suggestion is not null)
        {
            text.Append(". ").Append(Suggestion);
        }

        return text.ToString();
    }
}
