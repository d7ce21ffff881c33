using System.Diagnostics.CodeAnalysis;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>Walks the commands behind the outer one of a batch, which were all checked before. Headers are as the driver wants them.</summary>
public ref struct BatchReader
{
    private readonly WireLayout _layout;
    private ReadOnlySpan<byte> _rest;
    private readonly FrameReader? _checker;
    private CommandHeader _current;
    private int _index;

    internal BatchReader(WireLayout layout, ReadOnlySpan<byte> content, FrameReader? checker = null)
    {
        _layout = layout;
        _rest = content;
        _checker = checker;
    }

    /// <summary>What is wrong with the command last moved to; only where commands of a batch are checked one by one, on classic links.</summary>
    internal FrameFault Fault { get; private set; }

    /// <summary>The command last moved to.</summary>
    [UnscopedRef]
    public readonly ref readonly CommandHeader Current => ref _current;

    /// <summary>Moves to the next command; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        _layout.Read(_rest, out _current);
        if (_checker is not null)
        {
            _checker.CheckBatched(in _current, ++_index, out var fault);
            Fault = fault;
        }

        FrameReader.Normalise(ref _current, 0);
        _rest = _rest[_layout.HeaderSize..];
        return true;
    }

    /// <summary>This reader: makes <c>foreach</c> work.</summary>
    public readonly BatchReader GetEnumerator() => this;
}
