using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>The commands of one direction of a schedule: messages and blocks of all kinds and sizes, each with a number of its own.</summary>
internal sealed class ScheduleCommands(Random random, int source, int destination)
{
    /// <summary>Any command.</summary>
    public (CommandHeader Header, byte[] Payload) Make(int number)
    {
        var header = Header(number);
        var length = random.Next(4) == 0 ? 1 + random.Next(1 << random.Next(17)) : 0;
        if (length == 0)
        {
            header.Command = (CommandCode)random.Next((int)CommandCode.SendMessage, (int)CommandCode.ReplyMessage + 1);
            return (header, []);
        }

        header.Command = random.Next(3) switch
        {
            0 => CommandCode.CopyInData,
            1 => CommandCode.CopyOutData,
            _ => CommandCode.CopyInRequest,
        };
        header.PayloadLength = header.Copy.Length = length;
        var block = new byte[length];
        random.NextBytes(block);
        if (random.Next(2) == 0)
        {
            block.AsSpan(length / 3).Clear(); // compresses
        }

        return (header, block);
    }

    /// <summary>A message.</summary>
    public CommandHeader Header(int number)
    {
        var header = ScriptedNode.Message(source, destination, number);
        header.ResultCode = -random.Next(2);
        header.DcId = random.Next(32);
        random.NextBytes(header.Message.Body.Bytes[..28]);
        header.Copy.SourceAddress = (uint)random.Next();

        // Where the two differ in COPYIN_RQST, the proxy mends the header.
        header.Copy.DestinationEndpoint = header.DestinationEndpoint;
        return header;
    }
}
