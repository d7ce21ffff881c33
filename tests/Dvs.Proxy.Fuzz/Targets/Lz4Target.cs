using System.Buffers.Binary;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Protocol.Compression;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Streams;
using K4os.Hash.xxHash;

namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>
/// The LZ4 frame codec: the first four bytes are the announced length (modulo 131,072), the rest is the frame. Source and destination lie
/// before forbidden pages, because the block decoder underneath uses pointers. What decodes is compressed and decoded again.
/// </summary>
public sealed class Lz4Target : FuzzTarget
{
    private const int Announcement = sizeof(uint);
    private const int MostContent = 131_071;
    private const byte Canary = 0xA5;
    private const int CanaryLength = 64;

    private static readonly Lazy<IReadOnlyList<Seed>> SharedCorpus = new(MakeCorpus);

    private readonly GuardedMemory _source = new(FuzzSettings.MaxInputLength);
    private readonly GuardedMemory _destination = new(MostContent + CanaryLength);
    private readonly byte[] _compressed = new byte[MostContent + 1024];
    private readonly byte[] _again = new byte[MostContent];
    private readonly OutcomeCounter<PayloadDecodeResult> _results = new();

    /// <inheritdoc/>
    public override string Name => "lz4";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => SharedCorpus.Value;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes => new Dictionary<string, long>(_results.NonZero);

    /// <summary>Nothing in steady state; the block coder rents from a pool now and then.</summary>
    public override long AllowedAllocation(int inputLength) => 192 * 1024;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < Announcement)
        {
            return;
        }

        var announced = (int)(BinaryPrimitives.ReadUInt32LittleEndian(input) & MostContent);
        var frame = _source.Tail(input.Length - Announcement);
        input[Announcement..].CopyTo(frame);
        var room = _destination.Tail(announced + CanaryLength);
        room.Fill(Canary);
        var destination = room[CanaryLength..];
        var result = Lz4FrameCodec.Instance.Decompress(frame, destination, out var written);
        _results.Count(result);
        Oracle.Require(room[..CanaryLength].IndexOfAnyExcept(Canary) < 0, "nothing is written before the destination");
        Oracle.Require(written >= 0 && written <= announced);
        Oracle.Require(result != PayloadDecodeResult.Success || written == announced);
        Oracle.Require(result.Describe().Length > 0);
        Oracle.Require(frame.SequenceEqual(input[Announcement..]), "the source is left alone");
        if (result == PayloadDecodeResult.Success && announced > 0)
        {
            CompressAgain(destination);
        }
    }

    /// <summary>Makes the header's checksum fit, most of the time: otherwise hardly any damage would get past it.</summary>
    public override void Refine(MutableInput input, FuzzRandom random)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(random);
        var frame = input.Length < Announcement ? default : input.Span[Announcement..];
        if (frame.Length < 7 || random.OneIn(4))
        {
            return;
        }

        var end = (frame[4] & 0x08) != 0 ? 14 : 6;
        if (frame.Length > end)
        {
            frame[end] = (byte)(XXH32.DigestOf(frame[4..end]) >> 8);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        ((IDisposable)_source).Dispose();
        ((IDisposable)_destination).Dispose();
    }

    private void CompressAgain(ReadOnlySpan<byte> content)
    {
        var length = Lz4FrameCodec.Instance.Compress(content, _compressed);
        Oracle.Require(length > 0 && length <= _compressed.Length, "with room enough everything can be compressed");
        var again = _again.AsSpan(0, content.Length);
        var result = Lz4FrameCodec.Instance.Decompress(_compressed.AsSpan(0, length), again, out _);
        Oracle.Require(result == PayloadDecodeResult.Success && again.SequenceEqual(content), "what was compressed decodes to itself");
    }

    private static List<Seed> MakeCorpus()
    {
        var random = new FuzzRandom(20211113, 0);
        var seeds = new List<Seed>();
        foreach (var length in new[] { 1, 20, 168, 400, 1680, 5000, 65_536, 100_000 })
        {
            var content = SampleCommands.Block(random, length);
            var own = new byte[length + 1024];
            var ownFrame = own.AsSpan(0, Lz4FrameCodec.Instance.Compress(content, own));
            Add(seeds, length, ownFrame, "own");
            Add(seeds, length, WithContentSize(ownFrame, length), "own, with content size");
            foreach (var settings in AllSettings())
            {
                using var target = new MemoryStream();
                using (var encoder = LZ4Stream.Encode(target, settings, leaveOpen: true))
                {
                    encoder.Write(content);
                }

                Add(seeds, length, target.ToArray(), "stream");
            }
        }

        return seeds;
    }

    private static IEnumerable<LZ4EncoderSettings> AllSettings() =>
        from linked in new[] { false, true }
        from checksums in new[] { false, true }
        from level in new[] { LZ4Level.L00_FAST, LZ4Level.L09_HC }
        select new LZ4EncoderSettings
        {
            ChainBlocks = linked,
            BlockChecksum = checksums,
            ContentChecksum = checksums,
            BlockSize = 65_536,
            CompressionLevel = level,
        };

    private static byte[] WithContentSize(ReadOnlySpan<byte> frame, long length)
    {
        byte[] bytes = [.. frame[..6], .. BitConverter.GetBytes(length), .. frame[6..]];
        bytes[4] |= 0x08;
        bytes[14] = (byte)(XXH32.DigestOf(bytes.AsSpan(4, 10)) >> 8);
        return bytes;
    }

    private static void Add(List<Seed> seeds, int length, ReadOnlySpan<byte> frame, string name)
    {
        var bytes = new byte[Announcement + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        frame.CopyTo(bytes.AsSpan(Announcement));
        var firstBlock = Announcement + ((frame[4] & 0x08) != 0 ? 15 : 7);
        seeds.Add(new Seed(
            bytes,
            [
                new Field(0, 4, FieldKind.Length),
                new Field(firstBlock, 4, FieldKind.Length),
                new Field(Announcement + 6, 8, FieldKind.Length),
                new Field(Announcement + 4, 4, FieldKind.Other),
            ],
            name));
    }
}
