using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// The own thread reads what the peer says, to the end of the connection, and leaves the latest acknowledgement in a mailbox. For transports on
/// which one thread cannot read and write in turn: TLS, and foreign ones. Behaviour: SessionRepliesTests, the explorations of sessions.
/// </summary>
internal sealed class ThreadedReplies(
    ProxyConnection connection, FrameReaderOptions options, Func<SessionRefuse, string> describeRefusal, Action onEnded, string threadName)
    : SessionReplies(connection, options, describeRefusal, onEnded, threadName)
{
    private readonly AcknowledgementMailbox _mailbox = new();
    private volatile bool _isClosedByPeer;

    public override bool ArePolled => false;

    public override bool IsClosedByPeer => _isClosedByPeer;

    public override void Start(ulong acknowledged)
    {
        _mailbox.Reset(acknowledged);
        StartWatch();
    }

    public override bool TryTake(out ulong acknowledged) => _mailbox.TryTake(out acknowledged);

    public override void Poll()
    {
    }

    public override void Wait() => _mailbox.Wait(WaitTime);

    // The own thread has read all there was.
    public override ConnectionEnd? ReadRest() => null;

    public override void Dispose()
    {
        base.Dispose();
        _mailbox.Dispose();
    }

    protected override ConnectionEnd? WatchToEnd()
    {
        while (true)
        {
            var problem = ReadOnce(out var result);
            if (problem is not null || result.IsCompleted || result.IsCanceled)
            {
                return problem;
            }
        }
    }

    protected override void EndWaits() => _mailbox.Close();

    protected override void Publish(ulong acknowledged) => _mailbox.Publish(acknowledged);

    protected override void PublishClose() => _isClosedByPeer = true;
}
