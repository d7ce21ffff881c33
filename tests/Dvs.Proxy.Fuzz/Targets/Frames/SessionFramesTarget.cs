using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>
/// The frame reader on the link of a session (<see cref="FrameReaderOptions.IsSessionLink"/>), with and without digests, going on behind every
/// frame that can be read over: one whose header breaks a rule although the peer meant it so, and one whose payload is damaged. What may be
/// skipped, and what must be, is judged from the format's description. In one piece and in several it must come to the same.
/// </summary>
public sealed class SessionFramesTarget : FuzzTarget
{
    private const int LengthOffset = 28;
    private const int FlagsOffset = 40;
    private const int MostDescribed = 8; // words cost memory
    private const uint Numbered = 1 << 16;
    private const uint Digested = 1 << 17;
    private const uint DigestedByXxh128 = 1 << 19;

    private static readonly Lazy<IReadOnlyList<Seed>> CorpusLp64 = new(static () => StreamCorpus.MakeOfSession(WireLayout.Lp64));
    private static readonly Lazy<IReadOnlyList<Seed>> CorpusIlp32 = new(static () => StreamCorpus.MakeOfSession(WireLayout.Ilp32));

    private readonly WireLayout _layout;
    private readonly GuardedMemory _memory = new(FuzzSettings.MaxInputLength);
    private readonly PieceList _pieces = new();
    private readonly FuzzRandom _random = new(0, 0);
    private readonly FrameReaderOptions _plain;
    private readonly FrameReaderOptions _digested;
    private readonly OutcomeCounter<FrameFaultKind> _faults = new();
    private long _frames;
    private long _skipped;
    private long _damaged;
    private long _closed;

    /// <summary>A target for one data model.</summary>
    public SessionFramesTarget(DataModel model)
    {
        _layout = WireLayout.For(model);
        _plain = Options(requireDigest: false);
        _digested = Options(requireDigest: true);
    }

    /// <inheritdoc/>
    public override string Name => _layout.DataModel == DataModel.Lp64 ? "sessionframes" : "sessionframes32";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => _layout.DataModel == DataModel.Lp64 ? CorpusLp64.Value : CorpusIlp32.Value;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes => new Dictionary<string, long>(_faults.NonZero)
    {
        ["frames"] = _frames,
        ["skipped"] = _skipped,
        ["damaged"] = _damaged,
        ["closed"] = _closed,
    };

    /// <summary>Two readers, each with two scratch arrays of the largest payload (a pool rounds up), and words.</summary>
    public override long AllowedAllocation(int inputLength) => (2 * 2 * 2L * CommandChecks.MaxPayload) + 32_768;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var hash = InputHash.Of(input);

        // What the two sides agreed on shows in the first frame, or its digest would be the only fault to be seen.
        var isDigested = input.Length >= FlagsOffset + sizeof(uint)
            && (BinaryPrimitives.ReadUInt32LittleEndian(input[FlagsOffset..]) & Digested) != 0;
        var options = isDigested ? _digested : _plain;
        var memory = _memory.TailMemory(input.Length);
        input.CopyTo(memory.Span);
        var whole = ReadWhole(memory, options);
        _frames += whole.Frames;
        _skipped += whole.Skipped;
        _damaged += whole.Damaged;
        _closed += whole.Fault.Kind == FrameFaultKind.None ? 0 : 1;
        if ((hash & 4) != 0)
        {
            _random.Reset(hash, 1);
            _pieces.Cut(memory, _random);
            Oracle.Require(ReadPieces(options) == whole, "the same frames, skips and end, in one piece and in several");
        }
    }

    /// <summary>Makes the digests fit again, so that headers are not only damaged but meant: those are the ones that can be skipped.</summary>
    public override void Refine(MutableInput input, FuzzRandom random)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(random);
        if (random.OneIn(4))
        {
            return;
        }

        var rest = input.Span;
        while (rest.Length >= _layout.HeaderSize)
        {
            var length = (long)_layout.HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(rest[LengthOffset..]);
            if (length < _layout.HeaderSize || length > rest.Length)
            {
                return;
            }

            var frame = rest[..(int)length];
            if ((BinaryPrimitives.ReadUInt32LittleEndian(frame[FlagsOffset..]) & Digested) != 0 && length >= _layout.HeaderSize + WireLimits.DigestSize)
            {
                Compute(frame, frame[^WireLimits.DigestSize..]);
            }

            rest = rest[(int)length..];
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        ((IDisposable)_memory).Dispose();
    }

    private FrameReaderOptions Options(bool requireDigest) => new()
    {
        Layout = _layout,
        MaxPayload = CommandChecks.MaxPayload,
        ExpectedSourceNode = SampleCommands.SourceNode,
        ExpectedDestinationNode = SampleCommands.DestinationNode,
        AllowSessionFlags = true,
        RequireDigest = requireDigest,
        IsSessionLink = true,
    };

    private Summary ReadWhole(ReadOnlyMemory<byte> input, FrameReaderOptions options)
    {
        using var reader = new FrameReader(options);
        var buffer = new ReadOnlySequence<byte>(input);
        var summary = default(Summary);
        Drain(reader, options, ref buffer, ref summary, isWhole: true);
        return summary with { Rest = buffer.Length };
    }

    private Summary ReadPieces(FrameReaderOptions options)
    {
        using var reader = new FrameReader(options);
        var summary = default(Summary);
        var consumed = 0L;
        foreach (var end in _pieces.Ends)
        {
            var buffer = _pieces.All.Slice(consumed, end - consumed);
            var goesOn = Drain(reader, options, ref buffer, ref summary, isWhole: false);
            consumed = end - buffer.Length;
            if (!goesOn)
            {
                break;
            }
        }

        // What was not shown to the reader any more counts all the same.
        return summary with { Rest = _pieces.All.Length - consumed };
    }

    // Reads on until there is nothing more, which is true, or nothing that can be read over.
    private bool Drain(FrameReader reader, FrameReaderOptions options, ref ReadOnlySequence<byte> buffer, ref Summary summary, bool isWhole)
    {
        while (true)
        {
            var before = buffer.Length;
            var status = reader.TryRead(ref buffer, out var frame);
            if (status == FrameStatus.NeedMoreData)
            {
                Oracle.Require(buffer.Length == before);
                Oracle.Require(reader.BytesNeeded > before);
                Oracle.Require(reader.BytesNeeded <= _layout.HeaderSize + CommandChecks.MaxPayload + WireLimits.DigestSize);
                return true;
            }

            if (status == FrameStatus.Complete)
            {
                Oracle.Require(before - buffer.Length == frame.WireLength);
                Oracle.Require(!options.RequireDigest || ((uint)frame.WireFlags & Digested) != 0, "no frame without a digest passes where one is required");
                CommandChecks.CheckFrame(in frame, _layout, options);
                summary = summary.With(in frame, isGood: true);
                continue;
            }

            Oracle.Require(status == FrameStatus.Malformed && buffer.Length == before);
            var fault = reader.Fault;
            Oracle.Require(fault.Kind != FrameFaultKind.None);
            Oracle.Require(summary.Skipped > MostDescribed || fault.Describe().Length is > 0 and < 500);
            if (isWhole)
            {
                CheckVerdict(reader, options, buffer.FirstSpan);
            }

            if (fault.IsPayloadFault)
            {
                if (isWhole)
                {
                    _faults.Count(fault.Kind);
                }

                reader.TakeDamaged(ref buffer, out frame);
                Oracle.Require(before - buffer.Length == frame.WireLength);
                Oracle.Require(frame.Payload.IsEmpty, "a damaged block is not shown");
                summary = summary.With(in frame, isGood: false);
            }
            else if (fault.CanReadOn)
            {
                Skip(reader, ref buffer, isWhole);
                summary = summary with { Skipped = summary.Skipped + 1 };
            }
            else
            {
                summary = summary with { Fault = fault };
                return false;
            }
        }
    }

    private void Skip(FrameReader reader, ref ReadOnlySequence<byte> buffer, bool isWhole)
    {
        var before = buffer.Length;
        var length = _layout.HeaderSize + reader.WireHeader.PayloadLength;
        Oracle.Require(length >= _layout.HeaderSize && length <= before, "only a frame that is all there is skipped");
        if (isWhole)
        {
            _faults.Count(reader.Fault.Kind);
        }

        reader.SkipMalformed(ref buffer);
        Oracle.Require(before - buffer.Length == length);
    }

    // A numbered frame whose header breaks a rule would come again for ever, so it is skipped; but only if the peer meant it so. Where frames have
    // digests the digest shows that, and a frame of another kind than agreed is no word of the peer's.
    private void CheckVerdict(FrameReader reader, FrameReaderOptions options, ReadOnlySpan<byte> input)
    {
        var fault = reader.Fault;
        if (fault.IsPayloadFault || fault.Kind is FrameFaultKind.DataModelMismatch or FrameFaultKind.DigestMismatch)
        {
            Oracle.Require(!fault.CanReadOn, "what is damaged is not meant");
            return;
        }

        var flags = BinaryPrimitives.ReadUInt32LittleEndian(input[FlagsOffset..]);
        var isDigested = (flags & Digested) != 0;
        var payload = (long)BinaryPrimitives.ReadInt32LittleEndian(input[LengthOffset..]);
        var content = payload - (isDigested ? WireLimits.DigestSize : 0);
        var isMeant = (flags & Numbered) != 0
            && isDigested == options.RequireDigest
            && (isDigested || fault.Kind != FrameFaultKind.UnknownCommand)
            && content is >= 0 and <= CommandChecks.MaxPayload
            && (!isDigested || HasSoundDigest(input[..(int)(_layout.HeaderSize + payload)]));
        Oracle.Require(fault.CanReadOn == isMeant, "a frame is skipped if, and only if, the peer meant it");
    }

    private static bool HasSoundDigest(ReadOnlySpan<byte> frame)
    {
        Span<byte> digest = stackalloc byte[WireLimits.DigestSize];
        Compute(frame, digest);
        return digest.SequenceEqual(frame[^WireLimits.DigestSize..]);
    }

#pragma warning disable CA5351 // The format's own; nobody is kept out by it.
    // The frame says which digest it has.
    private static void Compute(ReadOnlySpan<byte> frame, Span<byte> digest)
    {
        var covered = frame[..^WireLimits.DigestSize];
        _ = (BinaryPrimitives.ReadUInt32LittleEndian(frame[FlagsOffset..]) & DigestedByXxh128) != 0 ? XxHash128.Hash(covered, digest) : MD5.HashData(covered, digest);
    }
#pragma warning restore CA5351

    // Compared as a whole.
    private readonly record struct Summary(int Frames, int Skipped, int Damaged, ulong Hash, FrameFault Fault, long Rest)
    {
        public Summary With(in Frame frame, bool isGood)
        {
            var hash = (Hash * 31) + InputHash.Of(frame.Payload) + ((ulong)frame.Command.Command << 32) + (uint)frame.WireLength;
            foreach (ref readonly var command in frame.GetBatch())
            {
                hash = (hash * 31) + (ulong)command.Command + (uint)command.SourceEndpoint;
            }

            return this with { Frames = Frames + (isGood ? 1 : 0), Damaged = Damaged + (isGood ? 0 : 1), Hash = hash };
        }
    }
}
