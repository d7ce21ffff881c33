using System.Buffers;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// What a session's peer says on a sender's connection: the answer to the OPEN, then acknowledgements. Where the transport allows it
/// (<see cref="ReadsItself"/>), the sender thread reads them, between two writes: no other thread has to wake up for each. Elsewhere the
/// connection's watcher reads them and passes them on. Sender thread only, but for <see cref="TryConsume"/> and <see cref="Close"/>.
/// </summary>
internal sealed class AcknowledgementInput(FrameReaderOptions options, SenderSession session) : IDisposable
{
    // Reads in one look: a peer that never stops talking must not keep the sender from sending.
    private const int MostReads = 16;

    private static readonly TimeSpan WaitTime = TimeSpan.FromMilliseconds(100);

    private readonly AcknowledgementMailbox _mailbox = new();
    private ProxyConnection? _connection;
    private FrameReader? _reader;
    private long _heard;
    private int _isClosedByPeer;

    /// <summary>True where the sender thread reads, and the watcher only waits for the end of the connection.</summary>
    public bool ReadsItself => _connection is { CanWaitForEnd: true };

    /// <summary>Messages read so far: goes up with each.</summary>
    public long Heard => Volatile.Read(ref _heard);

    /// <summary>Begins with a new connection: its answer to the OPEN comes first.</summary>
    public void Begin(ProxyConnection connection)
    {
        _connection = connection;
        _reader?.Dispose();
        _reader = new FrameReader(options);
    }

    /// <summary>The handshake agreed that what comes from now on has a digest.</summary>
    public void RequireDigest(IFrameDigest digest) => _reader!.RequireDigest(new FrameVerifier(options.Layout.DataModel, digest, digest));

    /// <summary>The session is open: from now on acknowledgements are due, after <paramref name="acknowledged"/>.</summary>
    public void BeginAcknowledgements(ulong acknowledged)
    {
        _mailbox.Reset(acknowledged);
        if (ReadsItself)
        {
            _connection!.KeepInputAfterAbort();
            _connection.TrySetReadTimeout(WaitTime);
        }
    }

    /// <summary>The connection is given up; an acknowledgement that was read can still be taken.</summary>
    public void End() => _connection = null;

    /// <summary>The connection broke: ends a <see cref="Wait"/>. Watcher thread.</summary>
    public void Close() => _mailbox.Close();

    /// <summary>Blocks for the answer to an OPEN. Null: there is one; otherwise why not.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public ConnectionEnd? ReadAnswer(out CommandHeader answer)
    {
        answer = default;
        var input = _connection!.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            var buffer = result.Buffer;
            var status = _reader!.TryRead(ref buffer, out var frame);
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

    /// <summary>Takes the latest acknowledgement that was read.</summary>
    public bool TryTake(out ulong acknowledged) => _mailbox.TryTake(out acknowledged);

    /// <summary>True where the peer has closed the connection with a CLOSE, until <see cref="TakeClose"/>.</summary>
    public bool IsClosedByPeer => Volatile.Read(ref _isClosedByPeer) != 0;

    /// <summary>True, once, where the peer has closed the connection with a CLOSE; what it has delivered is to be taken afterwards.</summary>
    public bool TakeClose() => Interlocked.Exchange(ref _isClosedByPeer, 0) != 0;

    /// <summary>Reads what has arrived, without waiting. Nothing where the watcher reads.</summary>
    /// <exception cref="IOException">The connection is broken or the peer breaks the protocol.</exception>
    public void Poll()
    {
        for (var reads = 0; reads < MostReads && ReadsItself && _connection!.HasInput; reads++)
        {
            Read();
        }
    }

    /// <summary>Waits a short while for an acknowledgement.</summary>
    /// <exception cref="IOException">The connection is broken or the peer breaks the protocol.</exception>
    public void Wait()
    {
        if (ReadsItself)
        {
            Read();
        }
        else
        {
            _mailbox.Wait(WaitTime);
        }
    }

    /// <summary>The connection ended: reads what had arrived before. What the peer gave as its reason, if it did.</summary>
    public ConnectionEnd? ReadRest()
    {
        try
        {
            while (ReadsItself && _connection!.HasInput)
            {
                Read();
            }

            return null;
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
    }

    /// <summary>Takes what was read, on whatever thread reads. Null: go on; otherwise why the connection has to end.</summary>
    public ConnectionEnd? TryConsume(ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            switch (_reader!.TryRead(ref input, out var frame))
            {
                case FrameStatus.NeedMoreData:
                    return null;
                case FrameStatus.Malformed:
                    return new ConnectionEnd(ConnectionEndCause.MalformedFrame, $"malformed answer: {_reader.Fault.Describe()}");
                default:
                    Volatile.Write(ref _heard, _heard + 1);
                    if (SessionMessage.TryReadAcknowledgement(in frame.Command, out var acknowledged))
                    {
                        _mailbox.Publish(acknowledged);
                    }
                    else if (SessionMessage.Is(in frame.Command, SessionMessageType.Refuse))
                    {
                        return Refused(session, in frame.Command);
                    }
                    else if (SessionMessage.TryRead(in frame.Command, out SessionClose close))
                    {
                        _mailbox.Publish(close.Delivered);
                        Interlocked.Exchange(ref _isClosedByPeer, 1);
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

    /// <summary>The peer's REFUSE as the end of the connection.</summary>
    public static ConnectionEnd Refused(SenderSession session, in CommandHeader header) =>
        new(
            SessionMessage.TryRead(in header, out SessionRefuse refuse) ? refuse.Reason.Cause : ConnectionEndCause.SessionRefused,
            session.OnRefuse(in header));

    public void Dispose()
    {
        _reader?.Dispose();
        _mailbox.Dispose();
    }

    private void Read()
    {
        var input = _connection!.Input;
        var result = input.ReadBlocking();
        var buffer = result.Buffer;
        var problem = TryConsume(ref buffer);
        input.AdvanceTo(buffer.Start, buffer.End);
        if (problem is not null || result.IsCompleted)
        {
            throw new ConnectionEndException(problem ?? ConnectionEnd.PeerClosed);
        }
    }
}
