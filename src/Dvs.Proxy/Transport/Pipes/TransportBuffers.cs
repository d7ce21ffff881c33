using System.Buffers;

namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// Where connections take their buffers from. Not the shared pool: that one keeps a buffer per thread and size, and every proxy thread
/// serves one
/// connection only, so nothing would ever be shared between a busy connection and an idle one.
/// </summary>
internal static class TransportBuffers
{
    /// <summary>What an idle reader or writer holds, in bytes: an idle pair (two connections) keeps at most four of these, 64
    /// KiB.</summary>
    internal const int IdleSize = 16 * 1024;

    /// <summary>Larger buffers are allocated and left to the garbage collector.</summary>
    private const int LargestPooled = 256 * 1024;

    /// <summary>Enough for reader and writer of 31 busy pairs. What the pool can keep in all is bounded: about 32 MiB.</summary>
    private const int PerSize = 64;

    /// <summary>The pool of this process.</summary>
    internal static ArrayPool<byte> Pool { get; } = new PinnedBufferPool(LargestPooled, PerSize);
}
