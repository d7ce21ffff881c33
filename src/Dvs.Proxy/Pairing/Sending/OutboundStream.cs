using System.Buffers;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// What a sender does with its frames: straight out to the connection (<see cref="PlainStream"/>), or kept until the peer has
/// acknowledged them (<see cref="SessionStream"/>). Lives as long as the sender; one connection after the other. Sender thread only, but
/// for <see cref="TryConsume"/>, which the connection's watcher calls.
/// </summary>
internal abstract class OutboundStream : IDisposable
{
    protected OutboundStream(PairContext context, bool sequenced)
    {
        Context = context;
        Writer = new FrameWriter(new FrameWriterOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            Compress = context.Peer.Compress,
            CompressBatches = context.Peer.CompressBatches,
            MaxBatchCommands = context.Peer.Batch ? context.Peer.MaxBatchCommands : 0,
            Sequenced = sequenced,
            Digest = sequenced && (context.Peer.UseFrameDigest || !context.Secret.IsEmpty),
        });
    }

    /// <summary>Makes the frames.</summary>
    public FrameWriter Writer { get; }

    /// <summary>Where the writer writes them.</summary>
    public abstract IBufferWriter<byte> Frames { get; }

    /// <summary>How long a lost connection is not told to the driver, because it may be resumed without loss.</summary>
    public abstract TimeSpan ResumeWindow { get; }

    /// <summary>True where the present or last connection has proved good, so that the next may be tried at once.</summary>
    public abstract bool HasProgressed { get; }

    /// <summary>True while one more command may be fetched.</summary>
    public abstract bool HasRoom { get; }

    /// <summary>True while everything fetched has been handed over for good.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>True where the sender thread itself reads what the peer says, and the watcher only waits for the end of the connection.</summary>
    public virtual bool ReadsInput => false;

    /// <summary>Milliseconds without a command after which <see cref="OnIdle"/> is due; <see cref="int.MaxValue"/>: never.</summary>
    public virtual int IdleMilliseconds => int.MaxValue;

    /// <summary>Begins with a new connection: introduces us. Null: it may be used; otherwise why not.</summary>
    public abstract ConnectionEnd? Begin(ProxyConnection connection);

    /// <summary>Waits a short while for room, or for <see cref="IsSettled"/>.</summary>
    public abstract void WaitForRoom();

    /// <summary>Hands over all that was written.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract void Flush();

    /// <summary>Sends a control message at once.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public abstract void WriteControl(in CommandHeader message);

    /// <summary>There was nothing to send for <see cref="IdleMilliseconds"/>.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public virtual void OnIdle()
    {
    }

    /// <summary>We end the connection: tells the peer why, if that can be done at once. True: it was told, and closes its side, too.</summary>
    public virtual bool Close(ConnectionEnd end) => false;

    /// <summary>The connection ended: takes what the peer said before. Why it ended, where the peer told.</summary>
    public virtual ConnectionEnd? ReadRest() => null;

    /// <summary>Takes what the peer says on this connection. Watcher thread, unless <see cref="ReadsInput"/>. Null: go on; otherwise why the connection has to end.</summary>
    public abstract ConnectionEnd? TryConsume(ref ReadOnlySequence<byte> input);

    /// <summary>The connection is broken; called by the watcher, to end a <see cref="WaitForRoom"/>.</summary>
    public abstract void OnBroken();

    /// <summary>Ends with the connection.</summary>
    /// <param name="unflushedCommands">Commands added since the last flush that went well.</param>
    /// <returns>Commands lost with it.</returns>
    public abstract int End(int unflushedCommands);

    /// <summary>The sender ends for good: reports what is left.</summary>
    public abstract void Finish();

    public virtual void Dispose() => Writer.Dispose();

    protected PairContext Context { get; }

    protected static void Check(System.IO.Pipelines.FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new ConnectionEndException(ConnectionEnd.TakesNoMore);
        }
    }
}
