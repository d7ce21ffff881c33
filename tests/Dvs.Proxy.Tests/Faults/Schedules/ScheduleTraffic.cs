using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>What one node's driver hands out for the other, and what became of it.</summary>
internal sealed class ScheduleTraffic
{
    private const int FirstMarker = 1_000_000;

    private readonly Random _random;
    private readonly ScheduleCommands _commands;
    private readonly DeliveryHistory _history = new();
    private readonly ScriptedNode _source;
    private readonly ScriptedNode _destination;
    private readonly ScheduleOptions _options;
    private int _markers;

    public ScheduleTraffic(ScriptedNode source, ScriptedNode destination, ScheduleOptions options)
    {
        (_source, _destination, _options) = (source, destination, options);
        _random = new Random(options.Seed + source.NodeId);
        _commands = new ScheduleCommands(_random, source.NodeId, destination.NodeId);
    }

    /// <summary>Commands handed out.</summary>
    public int Count => _history.Count;

    /// <summary>Commands delivered.</summary>
    public int Delivered => _destination.Device.Delivered.Count;

    /// <summary>True while the driver still has commands.</summary>
    public bool IsWaiting => _source.Device.Waiting(_destination.NodeId) > 0;

    /// <summary>Hands out some more; false if that was all.</summary>
    public bool HandOutBurst()
    {
        var left = _options.Commands - Count;
        for (var count = Math.Min(left, 1 + _random.Next(40)); count > 0; count--)
        {
            var (header, payload) = _commands.Make(Count);
            HandOut(in header, payload);
        }

        return Count < _options.Commands;
    }

    /// <summary>Hands out one more message, to see it arrive.</summary>
    public void HandOutMarker() => HandOut(_commands.Header(FirstMarker + _markers++), []);

    /// <summary>True once a marker arrived: as order is kept, nothing that was handed out before it comes any more.</summary>
    public bool HasMarkerArrived => _destination.Device.Delivered.Any(static item => item.Header.Message.Type >= FirstMarker);

    /// <summary>What is wrong with what was delivered.</summary>
    public IEnumerable<string> Check() =>
        _history.Check(_destination.Device.Delivered, _options.Promise).Select(problem => $"{_source.NodeId} to {_destination.NodeId}: {problem}");

    private void HandOut(in CommandHeader header, byte[] payload)
    {
        _history.HandOut(in header, payload);
        _source.Device.Enqueue(in header, payload);
    }
}
