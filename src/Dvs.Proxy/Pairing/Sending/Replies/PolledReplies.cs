using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// The sender thread reads what the peer says, between two writes; the own thread only waits for the end of the connection. For transports that
/// let one thread read and write in turn. Behaviour: SessionRepliesTests, the explorations of sessions.
/// </summary>
internal sealed class PolledReplies(
    ProxyConnection connection, IPolledReads reads, FrameReaderOptions options, Func<SessionRefuse, string> describeRefusal, Action onEnded, string threadName)
    : SessionReplies(connection, options, describeRefusal, onEnded, threadName)
{
    // Reads in one look: a peer that never stops talking must not keep the sender from sending.
    private const int MostReads = 16;

    private ThreadOwner _owner;
    private ulong _acknowledged;
    private ulong _taken;
    private bool _isClosedByPeer;

    public override bool ArePolled => true;

    public override bool IsClosedByPeer => _isClosedByPeer;

    public override void Start(ulong acknowledged)
    {
        _owner.Check();
        _acknowledged = _taken = acknowledged;
        reads.KeepInputAfterAbort();
        reads.SetReadTimeout(WaitTime);
        StartWatch();
    }

    public override bool TryTake(out ulong acknowledged)
    {
        _owner.Check();
        acknowledged = _acknowledged;
        var isNew = _acknowledged != _taken;
        _taken = _acknowledged;
        return isNew;
    }

    public override void Poll()
    {
        for (var count = 0; count < MostReads && reads.HasInput; count++)
        {
            Read();
        }
    }

    public override void Wait() => Read();

    public override ConnectionEnd? ReadRest()
    {
        try
        {
            while (reads.HasInput)
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

    protected override ConnectionEnd? WatchToEnd()
    {
        reads.WaitForEnd();
        return null;
    }

    protected override void Publish(ulong acknowledged) => _acknowledged = acknowledged;

    protected override void PublishClose() => _isClosedByPeer = true;

    private void Read()
    {
        _owner.Check();
        var problem = ReadOnce(out var result);
        if (problem is not null || result.IsCompleted)
        {
            throw new ConnectionEndException(problem ?? ConnectionEnd.PeerClosed);
        }
    }
}
