using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Transport;

/// <summary>
/// A connection to or from a peer: bytes in, bytes out, and who is at the other end. One thread reads and one thread writes;
/// <see cref="Abort()"/> may come from any thread.
/// </summary>
public abstract class ProxyConnection : IAsyncDisposable
{
    private ConnectionEnd? _ownEnd;

    /// <summary>What the peer sends. A read may block the calling thread until there is something; the end of the stream completes it.
    /// A broken connection surfaces as <see cref="IOException"/> or as the end of the stream.</summary>
    public abstract PipeReader Input { get; }

    /// <summary>What goes to the peer. A flush may block the calling thread until the bytes are handed over: that is the back-pressure.
    /// A broken connection surfaces as <see cref="IOException"/> or as a completed flush result.</summary>
    public abstract PipeWriter Output { get; }

    /// <summary>The peer's address, where the transport has one that can be compared with configured addresses.</summary>
    public abstract IPAddress? RemoteAddress { get; }

    /// <summary>The peer's address for people: <c>127.0.0.1:41122</c>.</summary>
    public abstract string RemoteName { get; }

    /// <summary>Limits how long a read may block: a read whose time is up completes with what there is, marked as canceled.
    /// <see cref="Timeout.InfiniteTimeSpan"/> lifts the limit. The reading thread only. False: this transport cannot.</summary>
    internal virtual bool TrySetReadTimeout(TimeSpan timeout) => false;

    /// <summary>True where one thread can read and write in turn: where the members from here to <see cref="KeepInputAfterAbort"/> work.</summary>
    internal virtual bool CanWaitForEnd => false;

    /// <summary>Tells whether the next read would block; null where the transport cannot tell.</summary>
    internal virtual Socket? Pollable => null;

    /// <summary>True where it is known that the peer has closed its direction, or the connection broke, though not all was read yet. Any thread
    /// that keeps it from being disposed of.</summary>
    internal virtual bool HasPeerEnded => false;

    /// <summary>True while a read would find something at once. The reading thread only.</summary>
    internal virtual bool HasInput => throw new NotSupportedException();

    /// <summary>Blocks until the peer has closed its direction, or the connection broke or was aborted; reads nothing. One thread at a time,
    /// which need not be the reading one.</summary>
    internal virtual void WaitForEnd() => throw new NotSupportedException();

    /// <summary>What has arrived before an <see cref="Abort()"/> can still be read after it. The reading thread only.</summary>
    internal virtual void KeepInputAfterAbort() => throw new NotSupportedException();

    /// <summary>False where a flush of a little might have to wait for the peer to read. The writing thread only.</summary>
    internal virtual bool CanWriteAtOnce => true;

    /// <summary>Why we ended it; null where nobody here gave a reason. Whoever ends a connection under another thread says why first: that
    /// thread sees no more than that it ended.</summary>
    internal ConnectionEnd? OwnEnd => Volatile.Read(ref _ownEnd);

    /// <summary>As <see cref="Abort()"/>, with the reason; the first one stands.</summary>
    internal void Abort(ConnectionEnd end)
    {
        Interlocked.CompareExchange(ref _ownEnd, end, null);
        try
        {
            Abort();
        }
#pragma warning disable CA1031 // The rule is that it never throws. Another's transport that breaks it must not end a timer, a thread, or the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    /// <summary>
    /// As <see cref="Abort(ConnectionEnd)"/>, but leaves the end to the thread that reads, so that it can finish what it has begun and take its
    /// leave: its read ends soon. At once, where the transport cannot do that. Any thread.
    /// </summary>
    internal void RequestEnd(ConnectionEnd end)
    {
        Interlocked.CompareExchange(ref _ownEnd, end, null);
        if (!TryInterruptRead())
        {
            Abort();
        }
    }

    /// <summary>Lets <see cref="TryInterruptRead"/> end a read that blocks. The reading thread only, before it reads.</summary>
    internal virtual void AllowInterrupt()
    {
    }

    /// <summary>Soon ends a read that blocks: it completes with what there is, marked as canceled, or as at an end. Any thread. False: this
    /// transport cannot.</summary>
    internal virtual bool TryInterruptRead() => false;

    /// <summary>
    /// Tells the peer that nothing more comes from us, and drops what still comes in until the peer has said the same, or the connection broke or
    /// was aborted: closed with something unread, a connection may take back what was written last. The thread that reads and writes.
    /// </summary>
    internal virtual void CloseInOrder()
    {
        try
        {
            Output.Complete();
            bool isOver;
            do
            {
                var result = Input.ReadBlocking();
                isOver = result.IsCompleted;
                Input.AdvanceTo(result.Buffer.End);
            }
            while (!isOver);
        }
        catch (IOException)
        {
            // It broke: that is an end, too.
        }
    }

    /// <summary>Ends the connection at once: a blocked read or flush returns. Idempotent, any thread, never throws.</summary>
    public abstract void Abort();

    /// <summary>Frees what the connection holds. Only after no thread reads or writes any more.</summary>
    public abstract ValueTask DisposeAsync();
}
