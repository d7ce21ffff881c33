namespace Dvs.Proxy.Emulation.Processes;

/// <summary>
/// A checked range of a process's memory. It keeps the memory alive, so a copy that runs without the lock stays safe even if the owner
/// frees the buffer meanwhile.
/// </summary>
internal readonly struct MemoryBlock(byte[] array, int offset, int length)
{
    public int Length => length;

    public Span<byte> Span => array.AsSpan(offset, length);
}
