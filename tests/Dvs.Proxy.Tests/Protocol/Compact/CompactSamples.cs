using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Protocol.Compact;

/// <summary>What one node's driver hands out while so many pairs of processes talk at once, in no particular order.</summary>
internal static class CompactSamples
{
    private const int MessageType = 103;

    /// <summary>One-way messages that carry the pair and a number.</summary>
    public static CommandHeader[] Messages(DataModel model, int pairs, int count) => Make(pairs, count, (header, pair, number, _) =>
    {
        header.Command = CommandCode.SendMessage;
        header.Message = Numbers(model, header.SourceEndpoint, pair, number);
        return header;
    });

    /// <summary>Requests and replies of both directions, and their acknowledgements.</summary>
    public static CommandHeader[] RequestsAndReplies(DataModel model, int pairs, int count) => Make(pairs, count, (header, pair, number, random) =>
    {
        header.Command = random.Next(4) switch
        {
            0 => CommandCode.SendAck,
            1 => CommandCode.ReplyMessage,
            2 => CommandCode.NotifyMessage,
            _ => CommandCode.SendReceiveMessage,
        };
        header.Message = Numbers(model, header.SourceEndpoint, pair, number);
        return header;
    });

    /// <summary>Requests for blocks of any length, between memory that each pair keeps.</summary>
    public static CommandHeader[] CopyRequests(DataModel model, int pairs, int count)
    {
        var addresses = new Random(9);
        var heap = model == DataModel.Lp64 ? 0x7F00_0000_0000UL : 0xB000_0000UL;
        List<ulong> memory = [.. Enumerable.Range(0, 2 * pairs).Select(_ => heap + (ulong)addresses.NextInt64(model == DataModel.Lp64 ? 1L << 36 : 1L << 28))];
        return Make(pairs, count, (header, pair, _, random) =>
        {
            header.Command = CommandCode.CopyOutRequest;
            header.Copy.SourceEndpoint = header.DestinationEndpoint;
            header.Copy.DestinationEndpoint = header.SourceEndpoint;
            header.Copy.RequesterEndpoint = header.SourceEndpoint;
            header.Copy.SourceAddress = memory[2 * pair];
            header.Copy.DestinationAddress = memory[(2 * pair) + 1];
            header.Copy.Length = random.Next(1, 65_537);
            return header;
        });
    }

    private static CommandHeader[] Make(int pairs, int count, Func<CommandHeader, int, int, Random, CommandHeader> complete)
    {
        var random = new Random(pairs);
        var nanoseconds = 1_700_000_000_123_456_789L;
        var commands = new CommandHeader[count];
        for (var index = 0; index < count; index++)
        {
            nanoseconds += random.Next(800, 20_000);
            var (seconds, rest) = Math.DivRem(nanoseconds, 1_000_000_000);
            var pair = random.Next(pairs);
            var header = new CommandHeader
            {
                SourceEndpoint = 21 + pair,
                DestinationEndpoint = 1 + pair,
                DestinationNode = 1,
                ProcessId = 4242 + (3 * pair),
                Timestamp = new Timestamp(seconds, rest),
            };
            commands[index] = complete(header, pair, index, random);
        }

        return commands;
    }

    private static Message Numbers(DataModel model, int source, int pair, int number)
    {
        var message = Message.Create(model, MessageType, new MessageM1(pair, number, 0, 0, 0, 0));
        message.Source = source;
        return message;
    }
}
