using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Emulation.Processes;

/// <summary>A pinned array: its address is a real one and stays. Freeing only makes it unreachable for copies; the collector takes the rest.</summary>
internal sealed class EmulatedBuffer : DvkBuffer
{
    private readonly Lock _nodeLock;
    private readonly ProcessMemory _memory;
    private bool _freed;

    /// <summary>With the node's lock held.</summary>
    public EmulatedBuffer(int length, Lock nodeLock, ProcessMemory memory)
    {
        Array = GC.AllocateArray<byte>(length, pinned: true);
        Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(Array, 0);
        _nodeLock = nodeLock;
        _memory = memory;
        memory.Add(this);
    }

    public byte[] Array { get; }

    public override ulong Address { get; }

    public override int Length => Array.Length;

    public override Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_freed, this);
            return Array;
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_nodeLock)
        {
            _freed = true;
            _memory.Remove(this);
        }
    }
}
