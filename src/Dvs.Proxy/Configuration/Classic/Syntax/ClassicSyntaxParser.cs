namespace Dvs.Proxy.Configuration.Classic.Syntax;

/// <summary>
/// Turns tokens into statements. Recovers from every error so that the rest of the file is still checked; the mistakes people make (a forgotten
/// <c>;</c>, <c>{</c> or <c>}</c>) are recognised as such and give one error each. Bounded in depth and in size.
/// </summary>
internal sealed class ClassicSyntaxParser(ClassicLexer lexer, DiagnosticBag diagnostics)
{
    private const int MaxDepth = 8;
    private const int MaxStatements = 16_384;
    private const int MaxWords = 1024;

    private readonly Queue<ClassicToken> _ahead = new();
    private int _statements;

    private enum Closing
    {
        /// <summary>By its brace: a semicolon has to follow.</summary>
        Brace,

        /// <summary>By something else, which was reported: nothing more is to be asked for.</summary>
        Recovered,
    }

    /// <summary>All statements of the file.</summary>
    public IReadOnlyList<ClassicStatement> ParseFile()
    {
        List<ClassicStatement> statements = [];
        _ = ParseStatements(statements, null, 0);
        return statements;
    }

    /// <param name="statements">Takes what was read.</param>
    /// <param name="section">The section these statements are in; null at the top.</param>
    /// <param name="depth">How deep that is.</param>
    private Closing ParseStatements(List<ClassicStatement> statements, OpenSection? section, int depth)
    {
        while (true)
        {
            var token = Peek(0);
            switch (token.Kind)
            {
                case ClassicTokenKind.EndOfFile:
                    if (section is { } unclosed)
                    {
                        MissingClose(token.Start, unclosed, token.Shown, $"Add \"}};\" at the end of {unclosed.Name}.");
                    }

                    return Closing.Recovered;
                case ClassicTokenKind.CloseBrace:
                    Take();
                    if (section is not null)
                    {
                        return Closing.Brace;
                    }

                    diagnostics.Error(token.Start, null, "unbalanced braces", token.Shown, "a \"{\" before it", "Remove it, or add the missing \"{\".");
                    TakeIf(ClassicTokenKind.Semicolon);
                    break;
                case ClassicTokenKind.Semicolon:
                    Take();
                    if (section is { } open && (SectionStartsAt(0) || Peek(0).Kind == ClassicTokenKind.EndOfFile))
                    {
                        BareSemicolon(token, open);
                        return Closing.Recovered;
                    }

                    diagnostics.Warning(token.Start, null, "empty statement", token.Shown, "a key before it", "Remove the \";\".");
                    break;
                case ClassicTokenKind.OpenBrace:
                    ParseNamelessBlock(depth);
                    break;
                default:
                    if (section is { } enclosing && SectionStartsAt(0))
                    {
                        MissingClose(token.Start, enclosing, token.Shown, $"Add \"}};\" before line {token.Start.Line}.");
                        return Closing.Recovered;
                    }

                    ParseStatement(statements, depth);
                    break;
            }
        }
    }

    private void ParseStatement(List<ClassicStatement> statements, int depth)
    {
        if (++_statements > MaxStatements)
        {
            diagnostics.Error(Peek(0).Start, null, $"more than {MaxStatements} statements", null, null, "Check that this is a proxy configuration at all.");
            SkipRest();
            return;
        }

        List<ClassicToken> words = [Take()];
        while (true)
        {
            var token = Peek(0);
            var previous = words[^1];
            switch (token.Kind)
            {
                case ClassicTokenKind.Semicolon:
                    statements.Add(new ClassicStatement(words, null, Take()));
                    return;
                case ClassicTokenKind.OpenBrace:
                    Take();
                    statements.Add(new ClassicStatement(words, ParseBlock(NameOf(words), token.Start, depth), token));
                    return;
                case ClassicTokenKind.CloseBrace or ClassicTokenKind.EndOfFile:
                    MissingSemicolon(previous, token);
                    statements.Add(new ClassicStatement(words, null, token));
                    return;
                case ClassicTokenKind.Word when SectionStartsAt(0):
                    MissingSemicolon(previous, token);
                    statements.Add(new ClassicStatement(words, null, token));
                    return;
                case ClassicTokenKind.Word when depth == 0 && words.Count == 2 && IsSectionWord(words[0]) && StartsLine(token, previous):
                    diagnostics.Error(previous.End, ClassicKeys.SectionOf(words[0].Text), "missing \"{\"", token.Shown, "\"{\"",
                        $"Add \"{{\" behind {DiagnosticBag.Show(previous.Text)}.");
                    statements.Add(new ClassicStatement(words, ParseBlock(NameOf(words), previous.End, depth), token));
                    return;
                default:
                    AddWord(words, Take());
                    break;
            }
        }
    }

    private void AddWord(List<ClassicToken> words, ClassicToken word)
    {
        if (words.Count < MaxWords)
        {
            words.Add(word);
        }
        else if (words.Count == MaxWords)
        {
            words.Add(word);
            diagnostics.Error(word.Start, null, $"more than {MaxWords} words in a statement", word.Shown, "\";\"");
        }
    }

    private ClassicBlock ParseBlock(string name, SourcePosition open, int depth)
    {
        List<ClassicStatement> statements = [];
        if (depth == MaxDepth)
        {
            diagnostics.Error(open, null, $"more than {MaxDepth} levels of braces", "\"{\"", "at most two: a section, and tls in it");
            SkipBlock();
            return new ClassicBlock(open, statements);
        }

        if (ParseStatements(statements, new OpenSection(name, open), depth + 1) == Closing.Brace && !TakeIf(ClassicTokenKind.Semicolon))
        {
            var next = Peek(0);
            diagnostics.Error(_lastEnd, null, "missing \";\"", next.Shown, $"\";\" behind the \"}}\" of {name}", "Write \"};\".");
        }

        return new ClassicBlock(open, statements);
    }

    private void ParseNamelessBlock(int depth)
    {
        var brace = Take();
        diagnostics.Error(brace.Start, null, "section without a name", brace.Shown, "a word before it", "Write \"node NAME {\" or \"proxy NAME {\".");
        _ = ParseBlock("the section without a name", brace.Start, depth);
    }

    // Too deep to be looked at: only the braces are counted.
    private void SkipBlock()
    {
        for (var depth = 1; depth > 0 && Peek(0).Kind != ClassicTokenKind.EndOfFile;)
        {
            depth += Take().Kind switch { ClassicTokenKind.OpenBrace => 1, ClassicTokenKind.CloseBrace => -1, _ => 0 };
        }

        TakeIf(ClassicTokenKind.Semicolon);
    }

    private void SkipRest()
    {
        while (Peek(0).Kind != ClassicTokenKind.EndOfFile)
        {
            Take();
        }
    }

    private void BareSemicolon(ClassicToken semicolon, OpenSection section) =>
        diagnostics.Error(
            semicolon.Start,
            null,
            "bare \";\" where \"}\" belongs",
            $"\";\" in line {semicolon.Start.Line}",
            $"the \"}}\" that closes {section.Name}, opened in line {section.Open.Line}",
            $"Write \"}};\" in line {semicolon.Start.Line}.");

    private void MissingClose(SourcePosition at, OpenSection section, string found, string suggestion) =>
        diagnostics.Error(at, null, "missing \"}\"", found, $"the \"}}\" that closes {section.Name}, opened in line {section.Open.Line}", suggestion);

    private void MissingSemicolon(ClassicToken previous, ClassicToken next) =>
        diagnostics.Error(previous.End, null, "missing \";\"", next.Shown, $"\";\" behind {previous.Shown}");

    private static string NameOf(List<ClassicToken> words) =>
        DiagnosticBag.Show(words.Count == 1 ? words[0].Text : $"{words[0].Text} {words[1].Text}");

    private static bool StartsLine(ClassicToken token, ClassicToken previous) => token.Start.Line > previous.End.Line;

    private static bool IsSectionWord(ClassicToken token) =>
        token is { Kind: ClassicTokenKind.Word, IsQuoted: false } && ClassicKeys.SectionOf(token.Text) is not null;

    /// <summary>Whether <c>node NAME {</c> or <c>proxy NAME {</c> follows: never part of another section.</summary>
    private bool SectionStartsAt(int ahead) =>
        IsSectionWord(Peek(ahead)) && Peek(ahead + 1).Kind == ClassicTokenKind.Word && Peek(ahead + 2).Kind == ClassicTokenKind.OpenBrace;

    private SourcePosition _lastEnd;

    private ClassicToken Peek(int ahead)
    {
        while (_ahead.Count <= ahead)
        {
            _ahead.Enqueue(lexer.Next());
        }

        return ahead == 0 ? _ahead.Peek() : _ahead.ElementAt(ahead);
    }

    private ClassicToken Take()
    {
        var token = Peek(0);
        _ahead.Dequeue();
        _lastEnd = token.End;
        return token;
    }

    private bool TakeIf(ClassicTokenKind kind)
    {
        var matches = Peek(0).Kind == kind;
        if (matches)
        {
            Take();
        }

        return matches;
    }

    private readonly record struct OpenSection(string Name, SourcePosition Open);
}
