namespace Dvs.Proxy.Protocol;

/// <summary>Bounds that the wire format sets. What a driver allows may be less: see the driver's limit <c>d_max_copybuf</c> (DvsInfo.MaxCopyBuffer).</summary>
public static class WireLimits
{
    /// <summary>Largest payload of one frame before compression, in bytes, with the driver's default limits.</summary>
    public const int DefaultMaxPayload = 65_536;

    /// <summary>Largest value that may be configured as largest payload: one block of an LZ4 frame, 4 MiB.</summary>
    public const int HighestMaxPayload = 4 << 20;

    /// <summary>Bytes that a session's digest adds behind the payload of every frame.</summary>
    public const int DigestSize = 16;

    /// <summary>
    /// Most commands a batch can hold behind the outer one: 390 (LP64) or 546 (ILP32) with the default payload limit.
    /// </summary>
    /// <param name="layout">The cluster's layout.</param>
    /// <param name="maxPayload">Largest payload in bytes, before compression.</param>
    public static int MaxBatchCommands(WireLayout layout, int maxPayload = DefaultMaxPayload)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return maxPayload / layout.HeaderSize;
    }
}
