using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>Commands as drivers make them, from node 0 to node 1.</summary>
internal static class SampleCommands
{
    public const int SourceNode = 0;
    public const int DestinationNode = 1;

    private static readonly CommandCode[] WithoutPayload = [.. Enum.GetValues<CommandCode>()
        .Where(code => code.IsKnown() && !code.CarriesPayload() && code != CommandCode.None)];

    private static readonly CommandCode[] WithPayload = [CommandCode.CopyInData, CommandCode.CopyOutData, CommandCode.CopyInRequest];

    public static CommandHeader Plain(FuzzRandom random) => Make(random, random.Pick<CommandCode>(WithoutPayload));

    public static CommandHeader Data(FuzzRandom random, int length)
    {
        var header = Make(random, random.Pick<CommandCode>(WithPayload));
        header.PayloadLength = length;
        header.Copy.Length = length;
        return header;
    }

    public static CommandHeader Control(FuzzRandom random, DataModel model)
    {
        var load = new LoadReport(random.Next(101), (LoadLevel)random.Next(3), 30);
        return random.Next(5) switch
        {
            0 => ControlMessage.Hello(SourceNode, DestinationNode, load, model, Time(random)),
            1 => ControlMessage.SetLoadThresholds(SourceNode, DestinationNode, new LoadThresholds(20, 80, 10), model, Time(random)),
            2 => ControlMessage.LoadThresholdsAnswer(SourceNode, DestinationNode, load, model, Time(random)),
            3 => ControlMessage.RemoteBind(SourceNode, DestinationNode, new RemoteBindRequest(1, 40, 0, "client"), model, Time(random)),
            _ => ControlMessage.RemoteBindAnswer(SourceNode, DestinationNode, (int)Device.DvkError.NoNode, model, Time(random)),
        };
    }

    public static byte[] Block(FuzzRandom random, int length)
    {
        var block = new byte[length];
        if (random.OneIn(4))
        {
            random.Fill(block);
            return block;
        }

        for (var index = 0; index < length; index++)
        {
            block[index] = (byte)("the quick brown fox "[index % 20] + (random.OneIn(50) ? 1 : 0));
        }

        return block;
    }

    public static Timestamp Time(FuzzRandom random) => new(random.Next(1_600_000_000, 2_000_000_000), random.Next(1000, 1_000_000_000));

    private static CommandHeader Make(FuzzRandom random, CommandCode command)
    {
        var source = random.Next(-35, 221);
        var header = new CommandHeader
        {
            Command = command,
            DcId = random.Next(32),
            SourceEndpoint = source,
            DestinationEndpoint = random.Next(-35, 221),
            SourceNode = SourceNode,
            DestinationNode = DestinationNode,
            ResultCode = command.IsAcknowledgement() && random.OneIn(2) ? -random.Next(400) : 0,
            ProcessId = random.Next(1, 100_000),
            Timestamp = Time(random),
        };
        header.Message.Source = source;
        header.Message.Type = random.Next(-400, 4000);
        random.Fill(header.Message.Body.Bytes[..28]);
        header.Copy.SourceEndpoint = source;
        header.Copy.DestinationEndpoint = random.Next(221);
        header.Copy.RequesterEndpoint = random.Next(221);
        header.Copy.SourceAddress = (uint)random.Next(int.MaxValue);
        header.Copy.DestinationAddress = (uint)random.Next(int.MaxValue);
        header.Copy.Length = random.Next(65_537);
        return header;
    }
}
