using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing.Sending.Replies;

/// <summary>
/// A classic peer's replies: it says nothing, and whatever comes is not for us. The own thread reads it and drops it. Behaviour: ClassicPeerTests.
/// </summary>
internal sealed class IgnoredReplies : PeerReplies
{
    public IgnoredReplies(ProxyConnection connection, Action onEnded, string threadName)
        : base(connection, onEnded, threadName) => StartWatch();

    protected override ConnectionEnd? WatchToEnd()
    {
        var input = Connection.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return null;
            }
        }
    }
}
