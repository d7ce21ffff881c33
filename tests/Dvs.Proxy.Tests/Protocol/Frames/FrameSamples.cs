using System.Runtime.InteropServices;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>Commands as drivers make them, for tests that need many.</summary>
internal static class FrameSamples
{
    private static readonly CommandCode[] WithoutPayload = [.. Enum.GetValues<CommandCode>()
        .Where(code => code.IsKnown() && !code.CarriesPayload() && code != CommandCode.None)];

    private static readonly CommandCode[] WithPayload = [CommandCode.CopyInData, CommandCode.CopyOutData, CommandCode.CopyInRequest];

    public static CommandHeader Header(Random random, DataModel model) => random.Next(4) switch
    {
        0 => Data(random, random.Next(100)),
        1 => ControlMessage.Hello(
            random.Next(32), random.Next(32), new LoadReport(random.Next(101), (LoadLevel)random.Next(3), 30), model, Time(random)),
        _ => Plain(random),
    };

    public static CommandHeader Plain(Random random) => Make(random, WithoutPayload[random.Next(WithoutPayload.Length)]);

    /// <summary>A command from node 0 to node 1 that has nothing in common with any other, beside that.</summary>
    public static CommandHeader Unlike(Random random)
    {
        var header = default(CommandHeader);
        random.NextBytes(MemoryMarshal.AsBytes(new Span<CommandHeader>(ref header)));
        header.Command = WithoutPayload[random.Next(WithoutPayload.Length)];
        header.PayloadLength = 0;
        header.SourceNode = 0;
        header.DestinationNode = 1;
        header.Timestamp = Time(random);
        header.Message.Source = header.SourceEndpoint;
        return header;
    }

    public static CommandHeader Data(Random random, int length)
    {
        var header = Make(random, WithPayload[random.Next(WithPayload.Length)]);
        header.PayloadLength = length;
        header.Copy.Length = length;
        return header;
    }

    public static byte[] Block(Random random, int length)
    {
        var block = new byte[length];
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(block);
                break;
            case 1:
                block.AsSpan().Fill((byte)random.Next(256));
                break;
            default:
                for (var index = 0; index < length; index++)
                {
                    block[index] = (byte)("the quick brown fox "[index % 20] + (random.Next(50) == 0 ? 1 : 0));
                }

                break;
        }

        return block;
    }

    private static CommandHeader Make(Random random, CommandCode command)
    {
        var source = random.Next(-35, 221);
        var header = new CommandHeader
        {
            Command = command,
            DcId = random.Next(32),
            SourceEndpoint = source,
            DestinationEndpoint = random.Next(-35, 221),
            SourceNode = random.Next(32),
            DestinationNode = random.Next(32),
            ResultCode = command.IsAcknowledgement() && random.Next(2) == 0 ? -random.Next(400) : 0,
            ProcessId = random.Next(1, 100_000),
            Timestamp = Time(random),
        };
        header.Message.Source = source;
        header.Message.Type = random.Next(-400, 4000);
        random.NextBytes(header.Message.Body.Bytes[..28]);
        header.Copy.SourceEndpoint = source;
        header.Copy.DestinationEndpoint = random.Next(221);
        header.Copy.RequesterEndpoint = random.Next(221);
        header.Copy.SourceAddress = (uint)random.Next();
        header.Copy.DestinationAddress = (uint)random.Next();
        header.Copy.Length = random.Next(65_537);
        return header;
    }

    private static Timestamp Time(Random random) => new(random.Next(1_600_000_000, 2_000_000_000), random.Next(1_000_000_000));
}
