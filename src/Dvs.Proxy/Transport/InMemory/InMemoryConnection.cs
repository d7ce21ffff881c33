using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport.Abilities;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>
/// One end of two pipes. Continuations run inline; a writer that is <see cref="InMemoryPipe.PauseAt"/> bytes ahead of its reader waits: that is the
/// back-pressure a socket's buffers give.
/// </summary>
internal sealed class InMemoryConnection : ProxyConnection, IPolledReads, IInterruptibleReads, IConnectionProbe
{
    private readonly InMemoryLink _link;
    private readonly InMemoryPipeReader _input;
    private readonly InMemoryPipeWriter _output;
    private int _disposed;

    private InMemoryConnection(InMemoryLink link, InMemoryPipe inbound, InMemoryPipe outbound, IPAddress remoteAddress, string remoteName)
    {
        _link = link;
        _input = new InMemoryPipeReader(inbound, link);
        _output = new InMemoryPipeWriter(outbound, link);
        RemoteAddress = remoteAddress;
        RemoteName = remoteName;
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override IPAddress RemoteAddress { get; }

    public override string RemoteName { get; }

    public bool HasInput => _input.HasInput;

    public bool CanWriteAtOnce => _output.CanWriteAtOnce;

    public bool HasPeerEnded => _input.HasEnded;

    public void SetReadTimeout(TimeSpan timeout) => _input.SetReadTimeout(timeout);

    public void WaitForEnd() => _input.WaitForEnd();

    public void KeepInputAfterAbort() => _input.KeepAfterAbort();

    public void AllowInterrupt()
    {
    }

    public void InterruptReads() => _input.CancelPendingRead();

    public override void Abort() => _link.Abort();

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Abort();
            _input.Dispose();
            _output.Complete();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Both ends of a new connection: the one that connected, and the one to be accepted.</summary>
    internal static (InMemoryConnection Near, InMemoryConnection Far) CreatePair(IPEndPoint nearName, IPAddress farAddress, string farName)
    {
        var link = new InMemoryLink();
        var toFar = new InMemoryPipe();
        var toNear = new InMemoryPipe();
        return (
            new InMemoryConnection(link, toNear, toFar, farAddress, farName),
            new InMemoryConnection(link, toFar, toNear, nearName.Address, nearName.ToString()));
    }
}
