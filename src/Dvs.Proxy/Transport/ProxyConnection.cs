using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

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

    /// <summary>
    /// What more the connection can do: one of <see cref="ITimedReads"/>, <see cref="IPolledReads"/>, <see cref="IInterruptibleReads"/> and
    /// <see cref="IConnectionProbe"/>, each of which says what the proxy does with it and without it; null where it cannot. As it stands, it is what
    /// the connection implements. A decorator overrides it: it passes on what it leaves alone
    /// (<c>base.GetAbility&lt;T&gt;() ?? inner.GetAbility&lt;T&gt;()</c>), and not what it would make untrue: one that holds bytes back,
    /// as TLS does, must not pass on <see cref="IPolledReads"/>. Any thread; the answer must never change.
    /// </summary>
    /// <typeparam name="T">The ability.</typeparam>
    public virtual T? GetAbility<T>()
        where T : class => this as T;

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
        if (GetAbility<IInterruptibleReads>() is { } reads)
        {
            reads.InterruptReads();
        }
        else
        {
            Abort();
        }
    }

    /// <summary>
    /// Tells the peer that nothing more comes from us, and drops what still comes in until the peer has said the same, or the connection broke or
    /// was aborted: closed with something unread, a connection may take back what was written last. Blocks; only a thread that may read and write.
    /// To be overridden where there is a cheaper way than to read.
    /// </summary>
    public virtual void CloseInOrder()
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
