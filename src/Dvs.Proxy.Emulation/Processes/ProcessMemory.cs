namespace Dvs.Proxy.Emulation.Processes;

/// <summary>
/// The buffers of one process. The only way from an address, wherever it came from, to memory: nothing outside the buffers can be reached.
/// With the node's lock held.
/// </summary>
internal sealed class ProcessMemory
{
    private readonly List<EmulatedBuffer> _buffers = [];

    public void Add(EmulatedBuffer buffer) => _buffers.Add(buffer);

    public void Remove(EmulatedBuffer buffer) => _buffers.Remove(buffer);

    /// <summary>Finds the buffer that holds the whole range.</summary>
    public bool TryFind(ulong address, int length, out MemoryBlock block)
    {
        foreach (var buffer in _buffers)
        {
            var offset = unchecked(address - buffer.Address);
            if (address >= buffer.Address && length >= 0 && offset <= (ulong)buffer.Length && length <= buffer.Length - (int)offset)
            {
                block = new MemoryBlock(buffer.Array, (int)offset, length);
                return true;
            }
        }

        block = default;
        return false;
    }
}
