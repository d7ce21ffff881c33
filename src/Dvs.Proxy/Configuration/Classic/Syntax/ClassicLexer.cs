using System.Text;

namespace Dvs.Proxy.Configuration.Classic.Syntax;

/// <summary>Cuts the text of a classic file into tokens. Never fails: what is wrong goes to the diagnostics, and it reads on.</summary>
internal sealed class ClassicLexer(string text, DiagnosticBag diagnostics)
{
    private int _offset;
    private int _line = 1;
    private int _lineStart;

    private SourcePosition Here => new(_line, _offset - _lineStart + 1);

    /// <summary>The next token; at the end of the text always <see cref="ClassicTokenKind.EndOfFile"/>.</summary>
    public ClassicToken Next()
    {
        SkipBlanksAndComments();
        if (_offset == text.Length)
        {
            return new ClassicToken(ClassicTokenKind.EndOfFile, "", Here, Here, false);
        }

        return text[_offset] switch
        {
            ';' => Single(ClassicTokenKind.Semicolon),
            '{' => Single(ClassicTokenKind.OpenBrace),
            '}' => Single(ClassicTokenKind.CloseBrace),
            '"' => QuotedWord(),
            _ => PlainWord(),
        };
    }

    private ClassicToken Single(ClassicTokenKind kind)
    {
        var start = Here;
        _offset++;
        return new ClassicToken(kind, "", start, Here, false);
    }

    private ClassicToken PlainWord()
    {
        var start = Here;
        var from = _offset;
        while (_offset < text.Length && !EndsWord(text[_offset]))
        {
            _offset++;
        }

        return new ClassicToken(ClassicTokenKind.Word, text[from.._offset], start, Here, false);
    }

    private ClassicToken QuotedWord()
    {
        var start = Here;
        var from = ++_offset;
        var word = new StringBuilder();
        while (_offset < text.Length && text[_offset] is not ('\n' or '\r'))
        {
            var c = text[_offset++];
            if (c == '"')
            {
                return new ClassicToken(ClassicTokenKind.Word, word.ToString(), start, Here, true);
            }

            word.Append(c == '\\' ? Escape() : c);
        }

        return Unterminated(start, from);
    }

    // The rest of the line was very likely not meant to be part of the word: read on from where an unquoted word would have ended.
    private ClassicToken Unterminated(SourcePosition start, int from)
    {
        _offset = from;
        while (_offset < text.Length && text[_offset] is not (';' or '{' or '}' or '#' or '\n' or '\r'))
        {
            _offset++;
        }

        var word = text[from.._offset].TrimEnd();
        diagnostics.Error(start, null, "unterminated string", DiagnosticBag.Show(word), "a closing quote in the same line");
        return new ClassicToken(ClassicTokenKind.Word, word, start, Here, true);
    }

    private char Escape()
    {
        var backslash = Here.Right(-1);
        if (_offset == text.Length || text[_offset] is '\n' or '\r')
        {
            return '\\'; // the string is unterminated, and that will be said
        }

        var c = text[_offset++];
        switch (c)
        {
            case '\\' or '"' or '\'':
                return c;
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            default:
                diagnostics.Error(backslash, null, "unknown escape", DiagnosticBag.Show("\\" + c), "one of \\\\ \\\" \\' \\n \\r \\t",
                    "Write \\\\ for a backslash.");
                return c;
        }
    }

    private void SkipBlanksAndComments()
    {
        while (_offset < text.Length)
        {
            var c = text[_offset];
            if (c == '#')
            {
                SkipComment();
            }
            else if (c is '\n' or '\r')
            {
                NewLine(c);
            }
            else if (char.IsWhiteSpace(c))
            {
                _offset++;
            }
            else
            {
                return;
            }
        }
    }

    private void SkipComment()
    {
        while (_offset < text.Length && text[_offset] is not ('\n' or '\r'))
        {
            _offset++;
        }
    }

    private void NewLine(char c)
    {
        _offset += c == '\r' && _offset + 1 < text.Length && text[_offset + 1] == '\n' ? 2 : 1;
        _line++;
        _lineStart = _offset;
    }

    private static bool EndsWord(char c) => c is ';' or '{' or '}' or '"' or '#' || char.IsWhiteSpace(c);
}
