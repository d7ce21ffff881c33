namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// Bytes in and out of one connection, by blocking the calling thread: what <see cref="BlockingPipeReader"/> and
/// <see cref="BlockingPipeWriter"/> stand on. A socket is one, a TLS stream over a socket can be another. One thread reads, one writes;
/// <see cref="Abort"/> comes from any.
/// </summary>
internal interface IByteStream
{
    /// <summary>What <see cref="Read"/> says when its time is up.</summary>
    const int TimedOut = -1;

    /// <summary>Blocks until there is at least one byte, takes as many as fit, and says how many; 0 at the end of the stream or after
    /// <see cref="Abort"/>, <see cref="TimedOut"/> where a limit was set and ran out.</summary>
    /// <exception cref="IOException">The connection broke; the message says why.</exception>
    int Read(Span<byte> destination);

    /// <summary>Blocks until all bytes are handed over; false when <see cref="Abort"/> came first.</summary>
    /// <exception cref="IOException">The connection broke; the message says why.</exception>
    bool Write(ReadOnlySpan<byte> source);

    /// <summary>Tells the peer that nothing more will come. Never throws.</summary>
    void CloseWrite();

    /// <summary>Ends both directions at once and wakes whoever is blocked. Idempotent, never throws.</summary>
    void Abort();
}
