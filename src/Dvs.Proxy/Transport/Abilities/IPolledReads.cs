namespace Dvs.Proxy.Transport.Abilities;

/// <summary>
/// An ability that a <see cref="ProxyConnection"/> may have: one thread can read and write in turn, because it can look whether there is something
/// to read, while another thread waits for the end of the connection without reading. With it, a sender reads its acknowledgements itself between
/// two writes, and no other thread wakes up for each; and a new connection that has not said whose it is costs no thread. Without it, a thread of
/// its own reads all the time.
/// </summary>
public interface IPolledReads : ITimedReads
{
    /// <summary>True while a read would find bytes at once. The end of the stream is not input. The reading thread only; never throws.</summary>
    bool HasInput { get; }

    /// <summary>Blocks until the peer has closed its direction, or the connection broke or was aborted; reads nothing. One thread at a time, which
    /// need not be the reading one.</summary>
    /// <exception cref="IOException">The connection broke; the message says why. Not every break is told here: a read may have been told before.</exception>
    void WaitForEnd();

    /// <summary>What has arrived before a <see cref="ProxyConnection.Abort()"/> can still be read after it. The reading thread only.</summary>
    void KeepInputAfterAbort();
}
