using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Protocol.Frames;

/// <summary>Walks the commands behind the outer one of a batch, which were all checked before. Headers are as the driver wants them.</summary>
public ref struct BatchReader
{
    private readonly WireLayout _layout;
    private ReadOnlySpan<byte> _rest;
    private readonly FrameReader? _checker;
    private ReadOnlySpan<byte> _place;
    private CommandHeader _copy;
    private FrameFault _fault;
    private int _index;

    internal BatchReader(WireLayout layout, ReadOnlySpan<byte> content, FrameReader? checker = null)
    {
        _layout = layout;
        _rest = content;
        _checker = checker;
    }

    /// <summary>What is wrong with the command last moved to; only where commands of a batch are checked one by one, on classic links.</summary>
    internal readonly FrameFault Fault => _fault;

    /// <summary>The command last moved to.</summary>
    [UnscopedRef]
    public readonly ref readonly CommandHeader Current => ref _place.IsEmpty ? ref _copy : ref MemoryMarshal.AsRef<CommandHeader>(_place);

    /// <summary>Moves to the next command; false at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        _place = _rest[.._layout.HeaderSize];
        _rest = _rest[_layout.HeaderSize..];
        ref readonly var header = ref _layout.View(_place, ref _copy);
        if (_checker is not null)
        {
            if (_fault.Kind != FrameFaultKind.None)
            {
                _fault = default;
            }

            _checker.CheckBatched(in header, ++_index, ref _fault);
        }

        // What keeps the rules of a batch is as the driver wants it, so the driver takes it from where it lies.
        if (!FrameReader.IsNormal(in header) || !_layout.IsOfMemory || !FrameWriter.IsAligned(_place))
        {
            _copy = header;
            FrameReader.Normalise(ref _copy, 0);
            _place = default;
        }

        return true;
    }

    /// <summary>This reader: makes <c>foreach</c> work.</summary>
    public readonly BatchReader GetEnumerator() => this;
}
