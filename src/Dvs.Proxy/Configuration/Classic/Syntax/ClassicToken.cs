namespace Dvs.Proxy.Configuration.Classic.Syntax;

internal enum ClassicTokenKind
{
    Word,
    Semicolon,
    OpenBrace,
    CloseBrace,
    EndOfFile,
}

/// <summary>A token of the classic file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The word, without quotes and escapes; empty for the rest.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">The place right behind it.</param>
/// <param name="IsQuoted">A word that was in quotes: never taken for a key that starts a new statement.</param>
internal readonly record struct ClassicToken(ClassicTokenKind Kind, string Text, SourcePosition Start, SourcePosition End, bool IsQuoted)
{
    /// <summary>The token for a message.</summary>
    public string Shown => Kind switch
    {
        ClassicTokenKind.Word => DiagnosticBag.Show(Text),
        ClassicTokenKind.Semicolon => "\";\"",
        ClassicTokenKind.OpenBrace => "\"{\"",
        ClassicTokenKind.CloseBrace => "\"}\"",
        _ => "the end of the file",
    };
}
