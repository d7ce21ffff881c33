using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>The compiler's tables and the captured streams.</summary>
internal static class Vectors
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "vectors");

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, "frames", name + ".bin"));

    public static VectorFrame[] Listing(string name) =>
        JsonSerializer.Deserialize<VectorFrame[]>(File.ReadAllText(Path.Combine(Folder, "frames", name + ".json")))!;

    public static WireLayout LayoutOf(string name) => name.Contains("ilp32", StringComparison.Ordinal) ? WireLayout.Ilp32 : WireLayout.Lp64;

    /// <summary>Offset and size by name, of the rows "field" and "size" (offset 0).</summary>
    public static Dictionary<string, (int Offset, int Size)> Table(DataModel model)
    {
        var table = new Dictionary<string, (int, int)>();
        foreach (var line in File.ReadLines(Path.Combine(Folder, model == DataModel.Lp64 ? "layout-lp64.tsv" : "layout-ilp32.tsv")))
        {
            var cells = line.Split('\t');
            switch (cells[0])
            {
                case "field":
                    table[cells[1]] = (int.Parse(cells[2]), int.Parse(cells[3]));
                    break;
                case "size" or "const":
                    table[cells[1]] = (0, int.Parse(cells[3]));
                    break;
            }
        }

        return table;
    }
}

internal sealed record VectorFrame
{
    [JsonPropertyName("cmd")] public int Cmd { get; init; }
    [JsonPropertyName("dcid")] public int DcId { get; init; }
    [JsonPropertyName("src")] public int Src { get; init; }
    [JsonPropertyName("dst")] public int Dst { get; init; }
    [JsonPropertyName("snode")] public int SNode { get; init; }
    [JsonPropertyName("dnode")] public int DNode { get; init; }
    [JsonPropertyName("rcode")] public int RCode { get; init; }
    [JsonPropertyName("len")] public int Len { get; init; }
    [JsonPropertyName("pid")] public int Pid { get; init; }
    [JsonPropertyName("batch_nr")] public int BatchNr { get; init; }
    [JsonPropertyName("flags")] public ulong Flags { get; init; }
    [JsonPropertyName("snd_seq")] public ulong SndSeq { get; init; }
    [JsonPropertyName("ack_seq")] public ulong AckSeq { get; init; }
    [JsonPropertyName("ts_sec")] public long TsSec { get; init; }
    [JsonPropertyName("ts_nsec")] public long TsNsec { get; init; }
    [JsonPropertyName("m_source")] public int MSource { get; init; }
    [JsonPropertyName("m_type")] public int MType { get; init; }
    [JsonPropertyName("m1")] public decimal[] M1 { get; init; } = [];
    [JsonPropertyName("vcopy")] public decimal[] VCopy { get; init; } = [];
    [JsonPropertyName("offset")] public int Offset { get; init; }
    [JsonPropertyName("raw_len")] public int RawLen { get; init; }
    [JsonPropertyName("raw_md5")] public string? RawMd5 { get; init; }
    [JsonPropertyName("batched")] public VectorFrame[] Batched { get; init; } = [];
}

/// <summary>Input in pieces.</summary>
internal sealed class Piece : ReadOnlySequenceSegment<byte>
{
    /// <summary>A sequence that breaks before each of the given positions.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params ReadOnlySpan<int> positions)
    {
        var first = new Piece();
        var last = first;
        var begin = 0;
        foreach (var position in positions)
        {
            last.Memory = bytes[begin..position];
            var next = new Piece { RunningIndex = position };
            last.Next = next;
            last = next;
            begin = position;
        }

        last.Memory = bytes[begin..];
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>A sequence of pieces of one size.</summary>
    public static ReadOnlySequence<byte> Every(ReadOnlyMemory<byte> bytes, int size) =>
        Cut(bytes, [.. Enumerable.Range(1, Math.Max(0, (bytes.Length - 1) / size)).Select(index => index * size)]);
}
