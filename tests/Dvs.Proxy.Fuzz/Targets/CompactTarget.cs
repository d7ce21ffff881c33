using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compact;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>
/// The headers of a compact batch: the first byte is how many, the rest is the payload. Source and destination lie before forbidden pages, because
/// vectors are read and written without checks. The portable way must come to the same, and what can be read must be written again as it was.
/// </summary>
public sealed class CompactTarget : FuzzTarget
{
    private const int MostHeaders = byte.MaxValue;
    private const byte Canary = 0xA5;
    private const int CanaryLength = 64;

    private readonly WireLayout _layout;
    private readonly Lazy<IReadOnlyList<Seed>> _corpus;
    private readonly GuardedMemory _source = new(FuzzSettings.MaxInputLength);
    private readonly GuardedMemory _destination;
    private readonly GuardedMemory _room;
    private readonly byte[] _outer;
    private readonly byte[] _portable;
    private readonly OutcomeCounter<CompactFault> _faults = new();
    private long _headers;

    /// <summary>A target for one data model.</summary>
    public CompactTarget(DataModel model)
    {
        _layout = WireLayout.For(model);
        _corpus = new(MakeCorpus);
        _outer = new byte[_layout.HeaderSize];
        _layout.Write(_outer, SampleCommands.Plain(new FuzzRandom(20261126, 0)));
        _portable = new byte[MostHeaders * _layout.HeaderSize];
        _destination = new((MostHeaders * _layout.HeaderSize) + CanaryLength);
        _room = new(CompactFormat.LargestLength(_layout.HeaderSize) + CompactFormat.Excess);
    }

    /// <inheritdoc/>
    public override string Name => _layout.DataModel == DataModel.Lp64 ? "compact" : "compact32";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => _corpus.Value;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes => new Dictionary<string, long>(_faults.NonZero) { ["headers"] = _headers };

    /// <summary>Nothing, but for words that are made once.</summary>
    public override long AllowedAllocation(int inputLength) => 8_192;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        var count = (int)input[0];
        var source = _source.Tail(input.Length - 1);
        input[1..].CopyTo(source);
        var room = _destination.Tail((count * _layout.HeaderSize) + CanaryLength);
        room.Fill(Canary);
        var destination = room[CanaryLength..];
        var fault = CompactHeaderReader.ReadAll(source, _outer, destination, out var index);
        _faults.Count(fault);
        _headers += index;
        Oracle.Require(room[..CanaryLength].IndexOfAnyExcept(Canary) < 0, "nothing is written before the destination");
        Oracle.Require(source.SequenceEqual(input[1..]), "the source is left alone");
        Oracle.Require(index >= 0 && index <= count, "the place of a header of the batch");
        Oracle.Require(fault.Describe().Length > 0);
        var portable = _portable.AsSpan(0, destination.Length);
        var portableFault = ReadPortable(source, portable, out var portableIndex);
        Oracle.Require(portableFault == fault && portableIndex == index, "the same fault at the same place without vectors");
        if (fault == CompactFault.None)
        {
            Oracle.Require(portable.SequenceEqual(destination), "the same headers without vectors");
            WriteAgain(destination, source);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        ((IDisposable)_source).Dispose();
        ((IDisposable)_destination).Dispose();
        ((IDisposable)_room).Dispose();
    }

    private CompactFault ReadPortable(ReadOnlySpan<byte> source, Span<byte> destination, out int index)
    {
        ReadOnlySpan<byte> previous = _outer;
        for (index = 1; !destination.IsEmpty; index++)
        {
            var header = destination[.._layout.HeaderSize];
            var fault = CompactHeaderReader.ReadPortable(source, previous, header, out var length);
            if (fault != CompactFault.None)
            {
                return fault;
            }

            source = source[length..];
            destination = destination[header.Length..];
            previous = header;
        }

        index--;
        return source.IsEmpty ? CompactFault.None : CompactFault.TrailingBytes;
    }

    private void WriteAgain(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> previous = _outer;
        var room = _room.Tail(CompactFormat.LargestLength(_layout.HeaderSize) + CompactFormat.Excess);
        for (; !headers.IsEmpty; headers = headers[_layout.HeaderSize..])
        {
            var header = headers[.._layout.HeaderSize];
            var length = CompactHeaderWriter.Write(header, previous, room);
            previous = header;
            Oracle.Require(source.StartsWith(room[..length]), "a header is written in one way only");
            source = source[length..];
        }

        Oracle.Require(source.IsEmpty, "what was read is written again");
    }

    private List<Seed> MakeCorpus()
    {
        var random = new FuzzRandom(20261127, 0);
        var seeds = new List<Seed>();
        foreach (var count in new[] { 0, 1, 2, 5, 20, 100, MostHeaders })
        {
            seeds.Add(Seed(random, count, "unlike", SampleCommands.Plain));
            var last = SampleCommands.Plain(random);
            seeds.Add(Seed(random, count, "alike", next =>
            {
                last.SourceEndpoint = next.Next(1, 40);
                last.Message.Source = last.SourceEndpoint;
                last.Timestamp = new Timestamp(last.Timestamp.Seconds, next.Next(1_000_000_000));
                last.Copy.Length = next.OneIn(3) ? next.Next(65_537) : last.Copy.Length;
                return last;
            }));
        }

        return seeds;
    }

    private Seed Seed(FuzzRandom random, int count, string name, Func<FuzzRandom, CommandHeader> next)
    {
        var previous = _outer.ToArray();
        var bytes = new List<byte> { (byte)count };
        var fields = new List<Field>();
        var header = new byte[_layout.HeaderSize];
        var room = new byte[CompactFormat.LargestLength(header.Length) + CompactFormat.Excess];
        for (var index = 0; index < count; index++)
        {
            _layout.Write(header, next(random));
            if (bytes.Count < FuzzSettings.MaxInputLength / 2)
            {
                fields.Add(new Field(bytes.Count, sizeof(uint), FieldKind.Flags));
            }

            bytes.AddRange(room.AsSpan(0, CompactHeaderWriter.Write(header, previous, room)));
            header.CopyTo(previous, 0);
        }

        return new Seed([.. bytes], [.. fields.Where(field => field.Offset + field.Size <= bytes.Count)], name);
    }
}
