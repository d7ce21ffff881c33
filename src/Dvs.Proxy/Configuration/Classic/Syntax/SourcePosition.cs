namespace Dvs.Proxy.Configuration.Classic.Syntax;

/// <summary>A place in a file; both numbers from 1, columns in UTF-16 characters, a tab is one. The default is no place.</summary>
internal readonly record struct SourcePosition(int Line, int Column)
{
    public SourcePosition Right(int characters) => this with { Column = Column + characters };
}
