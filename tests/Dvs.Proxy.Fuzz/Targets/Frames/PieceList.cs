using System.Buffers;
using Dvs.Proxy.Fuzz.Engine;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>An input in pieces, cut at random, as a connection would deliver it.</summary>
internal sealed class PieceList
{
    private const int MostPieces = 12;

    private readonly Piece[] _pieces = [.. Enumerable.Range(0, MostPieces).Select(static _ => new Piece())];
    private readonly long[] _ends = new long[MostPieces];

    public int Count { get; private set; }

    /// <summary>The whole input.</summary>
    public ReadOnlySequence<byte> All { get; private set; }

    /// <summary>Where each piece ends.</summary>
    public ReadOnlySpan<long> Ends => _ends.AsSpan(0, Count);

    public void Cut(ReadOnlyMemory<byte> input, FuzzRandom random)
    {
        Count = random.Next(1, MostPieces + 1);
        var begin = 0;
        for (var index = 0; index < Count; index++)
        {
            // Often short ones: most of what can go wrong at a cut does so in a header.
            var length = random.OneIn(2) ? random.Next(0, 200) : random.Next(0, input.Length + 1);
            var end = index == Count - 1 ? input.Length : Math.Min(input.Length, begin + length);
            _pieces[index].Set(input[begin..end], begin, index + 1 < Count ? _pieces[index + 1] : null);
            _ends[index] = end;
            begin = end;
        }

        All = new ReadOnlySequence<byte>(_pieces[0], 0, _pieces[Count - 1], _pieces[Count - 1].Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public void Set(ReadOnlyMemory<byte> memory, long position, Piece? next)
        {
            Memory = memory;
            RunningIndex = position;
            Next = next;
        }
    }
}
