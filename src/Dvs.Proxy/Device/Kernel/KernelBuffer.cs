using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>
/// Pages of their own for copies. Pages, and not a piece of the heap, so that a copy which comes after <see cref="DvkBuffer.Dispose()"/> meets
/// no memory and fails, where it would otherwise write into somebody else's.
/// </summary>
internal sealed unsafe class KernelBuffer : DvkBuffer
{
    private readonly int _length;
    private void* _memory;

    internal KernelBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _length = length;
        _memory = Libc.Map(null, (nuint)length, Libc.ProtectionReadWrite, Libc.MapPrivateAnonymous, -1, 0);
        if ((nint)_memory == -1)
        {
            _memory = null;
            throw new DvkException(DvkError.NoMemory, $"allocate a buffer of {length} bytes", Marshal.GetLastPInvokeErrorMessage());
        }
    }

    ~KernelBuffer() => Dispose(false);

    /// <inheritdoc/>
    public override ulong Address => (nuint)_memory;

    /// <inheritdoc/>
    public override int Length => _length;

    /// <inheritdoc/>
    public override Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory == null, this);
            return new Span<byte>(_memory, _length);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        var memory = _memory;
        _memory = null;
        if (memory != null)
        {
            _ = Libc.Unmap(memory, (nuint)_length);
        }
    }
}
