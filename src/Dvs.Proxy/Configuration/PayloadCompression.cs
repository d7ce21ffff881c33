namespace Dvs.Proxy.Configuration;

/// <summary>Whether a sender compresses payloads (classic key <c>compress</c>).</summary>
public enum PayloadCompression
{
    /// <summary>It compresses nothing.</summary>
    Off,

    /// <summary>It compresses payloads where that makes them smaller.</summary>
    On,

    /// <summary>
    /// In a session the sender measures, again and again, whether data blocks get through faster compressed or as they are, and does the better; where both are
    /// equally fast it does not compress, which costs less CPU. It begins without, and leaves it at that while there is little to send. Batches are not
    /// compressed. Without a session the same as <see cref="Off"/>: the peer may be a classic proxy, and acknowledges nothing that could be measured.
    /// </summary>
    Auto,
}
