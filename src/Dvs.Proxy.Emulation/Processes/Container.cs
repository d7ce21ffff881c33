using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>A DC running on this node, with its process table. With the node's lock held.</summary>
internal sealed class Container
{
    // SELF, the highest magic endpoint, bounds the slot part of an endpoint.
    private const int EndpointSlotTop = Protocol.WellKnownEndpoint.Self;

    private readonly ProcessSlot[] _slots;

    public Container(DcInfo info)
    {
        Info = info;
        Nodes = info.Nodes;
        _slots = new ProcessSlot[SlotCount];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new ProcessSlot(this, i - info.MaxTasks);
        }
    }

    public DcInfo Info { get; }

    public int Id => Info.DcId;

    /// <summary>Bitmap of the nodes the DC extends to.</summary>
    public ulong Nodes { get; set; }

    public int SlotCount => Info.MaxTasks + Info.MaxProcesses;

    public ReadOnlySpan<ProcessSlot> Slots => _slots;

    public bool HasNode(int nodeId) => (uint)nodeId < 64 && (Nodes & (1UL << nodeId)) != 0;

    /// <summary>Slot number of an endpoint of any generation; int.MinValue if no slot can have it.</summary>
    public int NumberOf(int endpoint)
    {
        var generationSize = (long)Info.MaxTasks + EndpointSlotTop + 1;
        var shifted = (long)endpoint + Info.MaxTasks;
        if (shifted < 0)
        {
            return int.MinValue;
        }

        var number = (int)(shifted % generationSize) - Info.MaxTasks;
        return number < Info.MaxProcesses ? number : int.MinValue;
    }

    /// <summary>The slot an endpoint belongs to, whatever it holds; null if out of range.</summary>
    public ProcessSlot? SlotOf(int endpoint)
    {
        var number = NumberOf(endpoint);
        return number == int.MinValue ? null : _slots[number + Info.MaxTasks];
    }

    /// <summary>The slot of a process number; null if out of range.</summary>
    public ProcessSlot? SlotAt(int number) =>
        number >= -Info.MaxTasks && number < Info.MaxProcesses ? _slots[number + Info.MaxTasks] : null;
}
