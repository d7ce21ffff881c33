namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// Memory that a process offers for copies: it has an address in the process's address space and stays where it is until disposed.
/// Get one from <see cref="IDvkProcessCalls.AllocateBuffer"/>. Not thread-safe against a copy in progress.
/// </summary>
public abstract class DvkBuffer : IDisposable
{
    /// <summary>Address of the first byte, for <see cref="Protocol.CopyDescriptor"/> and for messages.</summary>
    public abstract ulong Address { get; }

    /// <summary>Length in bytes.</summary>
    public abstract int Length { get; }

    /// <summary>The memory itself.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was freed.</exception>
    public abstract Span<byte> Span { get; }

    /// <summary>Frees the memory; a copy that names its address afterwards fails with <see cref="DvkError.Fault"/>.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory.</summary>
    protected abstract void Dispose(bool disposing);
}
