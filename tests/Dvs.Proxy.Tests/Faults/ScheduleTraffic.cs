using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>What one node's driver hands out for the other, and what became of it.</summary>
internal sealed class ScheduleTraffic(ScriptedNode source, ScriptedNode destination, ScheduleOptions options)
{
    private const int FirstMarker = 1_000_000;

    private readonly Random _random = new(options.Seed + source.NodeId);
    private readonly DeliveryHistory _history = new();
    private int _markers;

    /// <summary>Commands handed out.</summary>
    public int Count => _history.Count;

    /// <summary>Commands delivered.</summary>
    public int Delivered => destination.Device.Delivered.Count;

    /// <summary>True while the driver still has commands.</summary>
    public bool IsWaiting => source.Device.Waiting(destination.NodeId) > 0;

    /// <summary>Hands out some more; false if that was all.</summary>
    public bool HandOutBurst()
    {
        var left = options.Commands - Count;
        for (var count = Math.Min(left, 1 + _random.Next(40)); count > 0; count--)
        {
            HandOutOne(Count);
        }

        return Count < options.Commands;
    }

    /// <summary>Hands out one more message, to see it arrive.</summary>
    public void HandOutMarker() => HandOut(Header(FirstMarker + _markers++), []);

    /// <summary>True once a marker arrived: as order is kept, nothing that was handed out before it comes any more.</summary>
    public bool HasMarkerArrived => destination.Device.Delivered.Any(static item => item.Header.Message.Type >= FirstMarker);

    /// <summary>What is wrong with what was delivered.</summary>
    public IEnumerable<string> Check() =>
        _history.Check(destination.Device.Delivered, options.Promise).Select(problem => $"{source.NodeId} to {destination.NodeId}: {problem}");

    private void HandOutOne(int number)
    {
        var header = Header(number);
        var length = _random.Next(4) == 0 ? 1 + _random.Next(1 << _random.Next(17)) : 0;
        if (length == 0)
        {
            header.Command = (CommandCode)_random.Next((int)CommandCode.SendMessage, (int)CommandCode.ReplyMessage + 1);
            HandOut(in header, []);
            return;
        }

        header.Command = _random.Next(3) switch
        {
            0 => CommandCode.CopyInData,
            1 => CommandCode.CopyOutData,
            _ => CommandCode.CopyInRequest,
        };
        header.PayloadLength = header.Copy.Length = length;
        var block = new byte[length];
        _random.NextBytes(block);
        if (_random.Next(2) == 0)
        {
            block.AsSpan(length / 3).Clear(); // compresses
        }

        HandOut(in header, block);
    }

    private void HandOut(in CommandHeader header, byte[] payload)
    {
        _history.HandOut(in header, payload);
        source.Device.Enqueue(in header, payload);
    }

    private CommandHeader Header(int number)
    {
        var header = ScriptedNode.Message(source.NodeId, destination.NodeId, number);
        header.ResultCode = -_random.Next(2);
        header.DcId = _random.Next(32);
        _random.NextBytes(header.Message.Body.Bytes[..28]);
        header.Copy.SourceAddress = (uint)_random.Next();
        return header;
    }
}
