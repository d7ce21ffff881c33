using System.Runtime.InteropServices;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>Command number n of a load: everything in it follows from n, so that both processes know what it has to be.</summary>
internal static class NumberedCommand
{
    private const int MostBytes = 65_536;

    // One in so many commands is a block.
    private const int BlockPeriod = 8;

    private static readonly int[] BlockSizes = [1, 37, 512, 4_096, 20_000, MostBytes];

    private static readonly byte[] Pattern = CreatePattern();

    /// <summary>Bytes of the block of command <paramref name="number"/>; 0 for a message.</summary>
    public static int LengthOf(long number) => number % BlockPeriod == 0 ? BlockSizes[Scatter(number) % (uint)BlockSizes.Length] : 0;

    public static void Create(long number, out CommandHeader header, Span<byte> payload)
    {
        var length = LengthOf(number);
        header = new CommandHeader
        {
            Command = length == 0 ? CommandCode.SendMessage : CommandCode.CopyInData,
            SourceEndpoint = 40,
            DestinationEndpoint = 41,
            SourceNode = SessionSettings.GeneratorNode,
            DestinationNode = SessionSettings.SinkNode,
            PayloadLength = length,
            ProcessId = 77,
            Timestamp = new Timestamp(1_700_000_000, 1),
        };
        header.Message.Source = 40;
        header.Message.Type = (int)number;
        MemoryMarshal.Write(header.Message.Body.Bytes, Scatter(number));
        header.Copy.Length = length;
        if (length > 0)
        {
            PatternOf(number, length).CopyTo(payload);
        }
    }

    public static long NumberOf(in CommandHeader header) => header.Message.Type;

    /// <summary>Is this, to the last byte, the command it says it is?</summary>
    public static bool IsIntact(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var number = NumberOf(in header);
        var length = LengthOf(number);
        return header.Command == (length == 0 ? CommandCode.SendMessage : CommandCode.CopyInData)
            && (header.SourceNode, header.DestinationNode) == (SessionSettings.GeneratorNode, SessionSettings.SinkNode)
            && MemoryMarshal.Read<uint>(header.Message.Body.ReadOnlyBytes) == Scatter(number)
            && header.PayloadLength == length
            && header.Copy.Length == length
            && payload.SequenceEqual(PatternOf(number, length));
    }

    private static ReadOnlySpan<byte> PatternOf(long number, int length) =>
        length == 0 ? default : Pattern.AsSpan((int)(Scatter(number) % (uint)(Pattern.Length - length)), length);

    private static uint Scatter(long number) => (uint)number * 2_654_435_761u >> 3;

    // Stretches that compress and stretches that do not.
    private static byte[] CreatePattern()
    {
        const int Stretch = 4_096;
        var random = new Random(4);
        var pattern = new byte[2 * MostBytes];
        random.NextBytes(pattern);
        for (var start = 0; start < pattern.Length; start += 2 * Stretch)
        {
            for (var index = start; index < start + Stretch; index++)
            {
                pattern[index] = (byte)((index >> 6) + (index & 7));
            }
        }

        return pattern;
    }
}
