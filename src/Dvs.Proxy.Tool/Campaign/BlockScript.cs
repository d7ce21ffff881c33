using System.Text;

namespace Dvs.Proxy.Tool.Campaign;

/// <summary>Which way a block goes, seen from the process that asks for the copy.</summary>
internal enum BlockRoute
{
    /// <summary>From the partner to the requester.</summary>
    Pull,

    /// <summary>From the requester to the partner.</summary>
    Push,

    /// <summary>Requester on the server's node; between two clients: the driver asks the clients' node to copy.</summary>
    ClientToClient,

    /// <summary>Requester on the server's node; from a client to a second server.</summary>
    ClientToServer,

    /// <summary>Requester on the server's node; from a second server to a client.</summary>
    ServerToClient,
}

/// <summary>What a block holds.</summary>
internal enum BlockContent
{
    /// <summary>Log lines: compresses well.</summary>
    Text,

    /// <summary>Random bytes: do not compress.</summary>
    Random,
}

/// <summary>One block to copy.</summary>
internal sealed record Block(BlockRoute Route, int Length, BlockContent Content);

/// <summary>The blocks of the campaign, and what is in them. Both sides know them beforehand; each says by MD5 what it really sent.</summary>
internal static class BlockScript
{
    /// <summary>The largest block.</summary>
    public const int MaxLength = 1_048_576;

    private const int MaxShift = 65_536;
    private const int LoopShift = 4099;

    private static readonly byte[] Text = CreateText();
    private static readonly byte[] Random = CreateRandom();

    // One byte, an odd size, the edges of one piece (65,536), several pieces with a rest, the largest copy.
    private static readonly int[] PairLengths = [1, 1000, 65_535, 65_536, 65_537, 200_000, MaxLength];
    private static readonly int[] ThirdPartyLengths = [1000, 65_537, 200_000];
    private static readonly BlockContent[] Contents = [BlockContent.Text, BlockContent.Random];

    public static IReadOnlyList<Block> PairBlocks { get; } = Combine([BlockRoute.Pull, BlockRoute.Push], PairLengths);

    public static IReadOnlyList<Block> ThirdPartyBlocks { get; } =
        Combine([BlockRoute.ClientToClient, BlockRoute.ClientToServer, BlockRoute.ServerToClient], ThirdPartyLengths);

    /// <summary>Fills the memory of a source process; another loop fills other bytes, so that an old block cannot pass for a new one.</summary>
    public static void Fill(Span<byte> memory, BlockContent content, int loop) =>
        (content == BlockContent.Text ? Text : Random).AsSpan((loop + 1) * LoopShift % MaxShift, memory.Length).CopyTo(memory);

    private static byte[] CreateText()
    {
        var text = new byte[MaxLength + MaxShift];
        var free = text.AsSpan();
        for (var number = 0; !free.IsEmpty; number++)
        {
            var line = Encoding.UTF8.GetBytes(
                $"SPROXY: {number} cmd=0x{number % 15:x} dcid=0 src={number % 31} dst={number % 7} snode=0 dnode=1 rcode=0 len=0 PID={700 + (number % 90)}\n");
            var length = Math.Min(line.Length, free.Length);
            line.AsSpan(0, length).CopyTo(free);
            free = free[length..];
        }

        return text;
    }

    private static byte[] CreateRandom()
    {
        var bytes = new byte[MaxLength + MaxShift];
        new Random(20211115).NextBytes(bytes);
        return bytes;
    }

    private static List<Block> Combine(BlockRoute[] routes, int[] lengths) =>
    [
        .. from length in lengths
           from content in Contents
           from route in routes
           select new Block(route, length, content),
    ];
}
