namespace Dvs.Proxy.Configuration.Classic.Syntax;

/// <summary>A statement: words, and a block if it is a section.</summary>
/// <param name="Words">At least one.</param>
/// <param name="Block">What stands in its braces; null if it has none.</param>
/// <param name="Terminator">What followed the words: the place where a further word would be expected.</param>
internal sealed record ClassicStatement(IReadOnlyList<ClassicToken> Words, ClassicBlock? Block, ClassicToken Terminator);

/// <summary>The statements between two braces.</summary>
internal sealed record ClassicBlock(SourcePosition Open, IReadOnlyList<ClassicStatement> Statements);
