using System.Buffers;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>Streams of good frames: what the classic proxies sent, and what our writer makes with every set of options.</summary>
internal static class StreamCorpus
{
    public static IReadOnlyList<Seed> Make(WireLayout layout)
    {
        var random = new FuzzRandom(20211110, 0);
        var seeds = new List<Seed>();
        AddCaptured(seeds, layout);
        foreach (var options in AllOptions(layout))
        {
            for (var count = 0; count < 4; count++)
            {
                Add(seeds, layout, Stream(random, options, random.Next(1, 4), 600), "small");
                Add(seeds, layout, Stream(random, options, random.Next(4, 24), 600), "many");
            }

            Add(seeds, layout, Stream(random, options, 3, 5000), "blocks");
            if (options.Sequenced && options.MaxBatchCommands > 0)
            {
                Add(seeds, layout, Stream(random, options, random.Next(4, 24), 600, isCompact: true), "compact");
            }
        }

        Add(seeds, layout, Stream(random, new FrameWriterOptions { Layout = layout }, 2, 65_536), "large");
        Add(seeds, layout, Stream(random, new FrameWriterOptions { Layout = layout, Compress = true }, 2, 65_536), "large");
        Add(seeds, layout, Foreign(random, layout), "foreign data model");
        return seeds;
    }

    /// <summary>Streams of the frames of a session: numbered, with digests and without.</summary>
    public static IReadOnlyList<Seed> MakeOfSession(WireLayout layout)
    {
        var random = new FuzzRandom(20211125, 0);
        var seeds = new List<Seed>();
        foreach (var options in AllOptions(layout).Where(static options => options.Sequenced))
        {
            for (var count = 0; count < 4; count++)
            {
                Add(seeds, layout, Stream(random, options, random.Next(2, 5), 300), "few");
                Add(seeds, layout, Stream(random, options, random.Next(5, 16), 600), "many");
                if (options.MaxBatchCommands > 0)
                {
                    Add(seeds, layout, Stream(random, options, random.Next(5, 16), 600, isCompact: true), "compact");
                }
            }
        }

        return seeds;
    }

    private static IEnumerable<FrameWriterOptions> AllOptions(WireLayout layout) =>
        from compress in new[] { false, true }
        from batch in new[] { 0, 3, 30 }
        from session in new[] { 0, 1, 2, 3 }
        select new FrameWriterOptions
        {
            Layout = layout,
            Compress = compress,
            CompressBatches = batch != 3,
            MaxBatchCommands = batch,
            Sequenced = session > 0,
            Digest = (FrameDigestKind)Math.Max(0, session - 1),
        };

    private static void AddCaptured(List<Seed> seeds, WireLayout layout)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "vectors", "frames");
        foreach (var file in Directory.EnumerateFiles(folder, "*.bin").Order(StringComparer.Ordinal))
        {
            if (file.Contains("ilp32", StringComparison.Ordinal) == (layout.DataModel == DataModel.Ilp32))
            {
                Add(seeds, layout, File.ReadAllBytes(file), Path.GetFileName(file));
            }
        }
    }

    private static byte[] Stream(FuzzRandom random, FrameWriterOptions options, int commands, int largest, bool isCompact = false)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(options, output) { CompactBatches = isCompact };
        for (var command = 0; command < commands; command++)
        {
            var length = random.OneIn(3) ? random.Next(1, largest + 1) : 0;
            var header = length > 0
                ? SampleCommands.Data(random, length)
                : random.OneIn(4) ? SampleCommands.Control(random, options.Layout.DataModel) : SampleCommands.Plain(random);
            writer.Append(in header, SampleCommands.Block(random, length));
        }

        writer.Complete();
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Foreign(FuzzRandom random, WireLayout layout)
    {
        var other = layout.DataModel == DataModel.Lp64 ? WireLayout.Ilp32 : WireLayout.Lp64;
        var bytes = new byte[other.HeaderSize * 2];
        other.Write(bytes, SampleCommands.Plain(random));
        other.Write(bytes.AsSpan(other.HeaderSize), SampleCommands.Plain(random));
        return bytes;
    }

    private static void Add(List<Seed> seeds, WireLayout layout, byte[] bytes, string name) =>
        seeds.Add(new Seed(bytes, HeaderFields.Find(bytes, layout), name));
}
