using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// What a session's peer says on one connection of a sender: the answers to the handshake, which the sender thread reads, then acknowledgements
/// and at last a CLOSE or REFUSE, which <see cref="PolledReplies"/> and <see cref="ThreadedReplies"/> read each on its own thread. Owns the
/// frame reader. Sender thread, but for what <see cref="ReadOnce"/> does. Behaviour: SessionRepliesTests.
/// </summary>
internal abstract class SessionReplies(ProxyConnection connection, FrameReaderOptions options, Func<SessionRefuse, string> describeRefusal,
    Action onEnded, string threadName)
    : PeerReplies(connection, onEnded, threadName)
{
    /// <summary>How long <see cref="Wait"/> waits at most.</summary>
    protected static readonly TimeSpan WaitTime = TimeSpan.FromMilliseconds(100);

    private readonly FrameReader _reader = new(options);
    private long _heard;

    /// <summary>The kind that suits the connection: the sender reads where the transport lets one thread read and write in turn, since then no
    /// other thread has to wake up for each acknowledgement.</summary>
    public static SessionReplies Of(
        ProxyConnection connection, FrameReaderOptions options, Func<SessionRefuse, string> describeRefusal, Action onEnded, string threadName) =>
        connection.GetAbility<IPolledReads>() is { } reads
            ? new PolledReplies(connection, reads, options, describeRefusal, onEnded, threadName)
            : new ThreadedReplies(connection, options, describeRefusal, onEnded, threadName);

    /// <summary>True where the sender thread has to look for what the peer says, because nobody wakes it.</summary>
    public abstract bool ArePolled { get; }

    /// <summary>Messages read so far: goes up with each. Any thread.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <summary>True once the peer has closed the connection with a CLOSE.</summary>
    public abstract bool IsClosedByPeer { get; }

    /// <summary>The handshake agreed that what comes from now on has a digest.</summary>
    public void RequireDigest(IFrameDigest digest) => _reader.RequireDigest(new FrameVerifier(options.Layout.DataModel, digest, digest));

    /// <summary>Blocks for an answer of the handshake.</summary>
    /// <returns>Null if there is one; otherwise why not.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public ConnectionEnd? ReadAnswer(out CommandHeader answer)
    {
        answer = default;
        var input = Connection.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            var buffer = result.Buffer;
            var status = _reader.TryRead(ref buffer, out var frame);
            if (status == FrameStatus.Complete)
            {
                answer = frame.Command;
                input.AdvanceTo(buffer.Start);
                return null;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (status == FrameStatus.Malformed)
            {
                return new ConnectionEnd(ConnectionEndCause.MalformedFrame, $"malformed answer to our OPEN: {_reader.Fault.Describe()}");
            }

            if (result.IsCompleted || result.IsCanceled)
            {
                return new ConnectionEnd(ConnectionEndCause.PeerClosed, "the peer closed the connection before it accepted the session");
            }
        }
    }

    /// <summary>The session is open: from now on acknowledgements are due, after <paramref name="acknowledged"/>.</summary>
    public abstract void Start(ulong acknowledged);

    /// <summary>Takes the latest acknowledgement that was read and not taken yet. Cheap.</summary>
    public abstract bool TryTake(out ulong acknowledged);

    /// <summary>Reads what has arrived, without waiting, where the sender reads.</summary>
    /// <exception cref="IOException">The connection is broken, or the peer breaks the protocol.</exception>
    public abstract void Poll();

    /// <summary>Waits a short while for an acknowledgement.</summary>
    /// <exception cref="IOException">The connection is broken, or the peer breaks the protocol.</exception>
    public abstract void Wait();

    /// <summary>After <see cref="PeerReplies.Stop"/>: reads what had arrived before.</summary>
    /// <returns>What the peer gave as its reason, where it did.</returns>
    public abstract ConnectionEnd? ReadRest();

    /// <summary>The peer's REFUSE as the end of the connection.</summary>
    public static ConnectionEnd Refused(in CommandHeader header, Func<SessionRefuse, string> describe) =>
        SessionMessage.TryRead(in header, out SessionRefuse refuse)
            ? new ConnectionEnd(refuse.Reason.Cause, describe(refuse))
            : new ConnectionEnd(ConnectionEndCause.SessionRefused, "the peer refuses the session in a way that cannot be read");

    public override void Dispose()
    {
        base.Dispose();
        _reader.Dispose();
    }

    /// <summary>Reads once, and takes what was read, on whatever thread reads.</summary>
    /// <param name="result">How the read ended; its bytes are used up.</param>
    /// <returns>Null if more may come; otherwise why the connection has to end.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    protected ConnectionEnd? ReadOnce(out ReadResult result)
    {
        var input = Connection.Input;
        result = input.ReadBlocking();
        var buffer = result.Buffer;
        var problem = Consume(ref buffer);
        input.AdvanceTo(buffer.Start, buffer.End);
        return problem;
    }

    private ConnectionEnd? Consume(ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            switch (_reader.TryRead(ref input, out var frame))
            {
                case FrameStatus.NeedMoreData:
                    return null;
                case FrameStatus.Malformed:
                    return new ConnectionEnd(ConnectionEndCause.MalformedFrame, $"malformed answer: {_reader.Fault.Describe()}");
                default:
                    Volatile.Write(ref _heard, _heard + 1);
                    if (SessionMessage.TryReadAcknowledgement(in frame.Command, out var acknowledged))
                    {
                        Publish(acknowledged);
                    }
                    else if (SessionMessage.Is(in frame.Command, SessionMessageType.Refuse))
                    {
                        return Refused(in frame.Command, describeRefusal);
                    }
                    else if (SessionMessage.TryRead(in frame.Command, out SessionClose close))
                    {
                        Publish(close.Delivered);
                        PublishClose();
                        return close.ToEnd();
                    }
                    else if (!frame.IsControl)
                    {
                        return new ConnectionEnd(
                            ConnectionEndCause.ProtocolViolation, "the receiver sent a command where only acknowledgements are due");
                    }

                    break;
            }
        }
    }

    /// <summary>An acknowledgement was read; it replaces one that was not taken yet. On the thread that reads.</summary>
    protected abstract void Publish(ulong acknowledged);

    /// <summary>A CLOSE was read. On the thread that reads.</summary>
    protected abstract void PublishClose();
}
