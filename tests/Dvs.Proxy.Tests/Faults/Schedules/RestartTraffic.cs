using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>What is handed out in one direction, over all lives of both ends: command number n is the n-th.</summary>
internal sealed class RestartTraffic(ScheduleCommands commands)
{
    /// <summary>What was handed out.</summary>
    public DeliveryHistory History { get; } = new();

    /// <summary>How many.</summary>
    public int Count => History.Count;

    /// <summary>Gives a driver the next one.</summary>
    public void HandOut(ScriptedProxyDevice device)
    {
        var (header, payload) = commands.Make(Count);
        History.HandOut(in header, payload);
        device.Enqueue(in header, payload);
    }
}
