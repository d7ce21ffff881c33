using System.Diagnostics.CodeAnalysis;

namespace Dvs.Proxy.Protocol;

/// <summary>Walks the commands behind the outer one of a batch, which were all checked before. Headers are as the driver wants them.</summary>
public ref struct BatchReader
{
    private readonly WireLayout _layout;
    private ReadOnlySpan<byte> _rest;
    private CommandHeader _current;

    internal BatchReader(WireLayout layout, ReadOnlySpan<byte> content)
    {
        _layout = layout;
        _rest = content;
    }

    /// <summary>The command last moved to.</summary>
    [UnscopedRef]
    public readonly ref readonly CommandHeader Current => ref _current;

    /// <summary>Commands still to come.</summary>
    public readonly int Remaining => _rest.Length / _layout.HeaderSize;

    /// <summary>Moves to the next command; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        _layout.Read(_rest, out _current);
        FrameReader.Normalise(ref _current, 0);
        _rest = _rest[_layout.HeaderSize..];
        return true;
    }

    /// <summary>This reader: makes <c>foreach</c> work.</summary>
    public readonly BatchReader GetEnumerator() => this;
}
