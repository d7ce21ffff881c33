using System.Buffers;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>
/// Memory that ends where a forbidden page begins, so that a read or write past the end stops the process at once instead of passing
/// unnoticed: the decoders under test use pointers. Linux; elsewhere plain memory without the guard.
/// </summary>
public sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    private const int Page = 65_536; // the largest page size in use
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _region;
    private readonly nuint _regionLength;
    private readonly int _capacity;
    private bool _disposed;

    /// <summary>Memory for at least so many bytes.</summary>
    public GuardedMemory(int capacity)
    {
        _capacity = (capacity + Page - 1) / Page * Page;
        _regionLength = (nuint)_capacity + (2 * Page);
        if (!OperatingSystem.IsLinux())
        {
            _region = (byte*)NativeMemory.AllocZeroed(_regionLength);
            return;
        }

        var region = MemoryMap(0, _regionLength, ReadWrite, PrivateAnonymous, -1, 0);
        if (region == -1 || Protect(region, Page, 0) != 0 || Protect(region + Page + _capacity, Page, 0) != 0)
        {
            throw new InvalidOperationException("Cannot map memory with guard pages.");
        }

        _region = (byte*)region;
    }

    /// <summary>The last <paramref name="length"/> bytes before the forbidden page.</summary>
    public Span<byte> Tail(int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_capacity, nameof(length));
        return new Span<byte>(_region + Page + _capacity - length, length);
    }

    /// <summary>As <see cref="Tail"/>, as memory.</summary>
    public Memory<byte> TailMemory(int length) => Memory[(_capacity - length)..];

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Tail(_capacity);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_region + Page + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (OperatingSystem.IsLinux())
        {
            _ = MemoryUnmap((nint)_region, _regionLength);
        }
        else
        {
            NativeMemory.Free(_region);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MemoryMap(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int MemoryUnmap(nint address, nuint length);
}
