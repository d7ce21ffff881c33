using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Sending.Replies;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// What a sender does with its frames: straight out to the connection (<see cref="PlainStream"/>), or kept until the peer has acknowledged them
/// (<see cref="SessionStream"/>). Owns the frame writer and what comes back on the connection. Lives as long as the sender, one connection after
/// the other. Sender thread only. Behaviour: SessionStreamTests, LateAcknowledgementTests, the explorations of sessions.
/// </summary>
/// <remarks>
/// Order of calls: <see cref="Open"/>; while that worked any of <see cref="ApplyReplies"/>, <see cref="WaitForReplies"/>, <see cref="Flush"/>,
/// <see cref="Send"/>, <see cref="OnIdle"/> and the writer's; then <see cref="Close"/>; again for the next connection; at last
/// <see cref="Abandon"/>. The properties only tell; what the peer says is taken in <see cref="ApplyReplies"/>, <see cref="WaitForReplies"/> and
/// <see cref="Close"/>, and by a flush that is large enough to pay for a look.
/// </remarks>
internal abstract class OutboundStream : IDisposable
{
    private ThreadOwner _owner;
    private StreamPhase _phase;

    protected OutboundStream(PairContext context)
    {
        Context = context;
        context.SenderCounters.IsCompressing = context.Peer.Compress == PayloadCompression.On;
    }

    /// <summary>Makes the frames.</summary>
    public abstract FrameWriter Writer { get; }

    /// <summary>How long a lost connection is not told to the driver, because it may be resumed without loss.</summary>
    public abstract TimeSpan ResumeWindow { get; }

    /// <summary>True where the present or last connection has proved good, so that the next may be tried at once.</summary>
    public abstract bool HasProgressed { get; }

    /// <summary>True while one more command may be fetched, as far as is known.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>Most bytes on the wire that wait for a flush while there is more to fetch.</summary>
    public virtual int FlushBytes => FlushPolicy.MostWireBytes;

    /// <summary>True while everything fetched has been handed over for good, as far as is known.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>Milliseconds without a command after which <see cref="OnIdle"/> is due; <see cref="int.MaxValue"/>: never.</summary>
    public abstract int IdleMilliseconds { get; }

    /// <summary>True from an <see cref="Open"/> that worked to <see cref="Close"/>.</summary>
    public bool IsOpen => _phase == StreamPhase.Open;

    /// <summary>Why the connection ended; null while it lives. Between <see cref="Open"/> and <see cref="Close"/>.</summary>
    public ConnectionEnd? End => Replies!.End;

    /// <summary>True once the connection ended. Between <see cref="Open"/> and <see cref="Close"/>.</summary>
    public bool HasEnded => Replies!.HasEnded;

    /// <summary>Introduces us on a new connection.</summary>
    /// <param name="connection">The connection; the caller's to dispose of.</param>
    /// <param name="onEnded">Gets the sender thread out of the driver; called by another thread when the connection ended.</param>
    /// <returns>Null if the connection may be used; otherwise why not.</returns>
    public ConnectionEnd? Open(ProxyConnection connection, Action onEnded)
    {
        MoveTo(StreamPhase.Opening);
        // Stands for an exception that passes through.
        var problem = ConnectionEnd.Faulted;
        try
        {
            problem = Begin(connection, onEnded);
        }
        finally
        {
            MoveTo(problem is null ? StreamPhase.Open : StreamPhase.Closed);
        }

        return problem;
    }

    /// <summary>Applies what the peer has said so far; does not wait.</summary>
    /// <exception cref="IOException">The connection is broken, or the peer breaks the protocol.</exception>
    public void ApplyReplies()
    {
        CheckOpen();
        Apply();
    }

    /// <summary>Waits a short while for the peer to say something; <see cref="ApplyReplies"/> applies it.</summary>
    /// <exception cref="IOException">The connection is broken, or the peer breaks the protocol.</exception>
    public void WaitForReplies()
    {
        CheckOpen();
        Wait();
    }

    /// <summary>Hands over all that was written.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public void Flush()
    {
        CheckOpen();
        FlushFrames();
    }

    /// <summary>Sends a control message at once.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public void Send(in CommandHeader control)
    {
        CheckOpen();
        SendControl(in control);
    }

    /// <summary>There was nothing to send for <see cref="IdleMilliseconds"/>.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public void OnIdle()
    {
        CheckOpen();
        LookAfterIdleTime();
    }

    /// <summary>Ends with the connection: tells the peer why, where that can be done at once, and takes all it has said.</summary>
    /// <param name="end">Why it ends, as the caller knows it.</param>
    /// <param name="unflushedCommands">Commands added since the last flush that went well.</param>
    /// <returns>Why it ended after all, and how many commands are lost with it.</returns>
    public StreamEnd Close(ConnectionEnd end, int unflushedCommands)
    {
        CheckOpen();
        MoveTo(StreamPhase.Closed);
        return Leave(end, unflushedCommands);
    }

    /// <summary>The sender ends for good: reports what is left.</summary>
    public virtual void Abandon()
    {
        _owner.Check();
        Invariant.Require(_phase == StreamPhase.Closed, "A stream is abandoned before its connection was closed.");
    }

    public virtual void Dispose() => Writer.Dispose();

    protected PairContext Context { get; }

    /// <summary>What comes back on the present connection.</summary>
    protected abstract PeerReplies? Replies { get; }

    protected string WatchThreadName => $"dvs {Context.Name} watch";

    /// <summary>As <see cref="Open"/>. Where it does not work, nothing is left of it.</summary>
    protected abstract ConnectionEnd? Begin(ProxyConnection connection, Action onEnded);

    protected abstract void Apply();

    protected abstract void Wait();

    protected abstract void FlushFrames();

    protected abstract void SendControl(in CommandHeader control);

    protected abstract void LookAfterIdleTime();

    protected abstract StreamEnd Leave(ConnectionEnd end, int unflushedCommands);

    protected static FrameWriterOptions WriterOptions(PairContext context, bool isSession) => new()
    {
        Layout = context.Layout,
        MaxPayload = context.Environment.Limits.MaxCopyBuffer,
        Compress = context.Peer.Compress != PayloadCompression.Off,
        CompressBatches = context.Peer.CompressBatches,
        MaxBatchCommands = isSession || context.Peer.Options.Batch ? context.Peer.MaxBatchCommands : 0,
        Sequenced = isSession,
        Digest = !isSession ? FrameDigestKind.None : context.Secret.IsEmpty ? context.Peer.FrameDigest : FrameDigestKind.Xxh128,
    };

    private void CheckOpen()
    {
        _owner.Check();
        Invariant.Require(_phase == StreamPhase.Open, "A stream is used without an open connection.");
    }

    private void MoveTo(StreamPhase next)
    {
        _owner.Check();
        Invariant.Require(
            (_phase, next) is (StreamPhase.Closed, StreamPhase.Opening)
                or (StreamPhase.Opening, StreamPhase.Open or StreamPhase.Closed) or (StreamPhase.Open, StreamPhase.Closed),
            "A stream opens one connection after the other, and closes each.");
        _phase = next;
    }
}

/// <summary>How far an <see cref="OutboundStream"/> has got with its present connection.</summary>
internal enum StreamPhase
{
    /// <summary>There is none.</summary>
    Closed,

    /// <summary>We introduce us.</summary>
    Opening,

    /// <summary>Frames may be sent.</summary>
    Open,
}

/// <summary>How a connection of an <see cref="OutboundStream"/> ended.</summary>
/// <param name="End">Why.</param>
/// <param name="LostCommands">Commands lost with it.</param>
internal readonly record struct StreamEnd(ConnectionEnd End, int LostCommands);
