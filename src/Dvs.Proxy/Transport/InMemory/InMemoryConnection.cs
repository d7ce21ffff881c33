using System.IO.Pipelines;
using System.Net;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>
/// One end of two pipes. Continuations run inline; a writer that is <see cref="PauseAt"/> bytes ahead of its reader waits: that is the
/// back-pressure a socket's buffers give.
/// </summary>
internal sealed class InMemoryConnection : ProxyConnection
{
    /// <summary>Bytes on the way at which a flush waits.</summary>
    internal const int PauseAt = 256 * 1024;

    private static PipeOptions PipeOptions { get; } = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: PauseAt,
        resumeWriterThreshold: PauseAt / 2,
        minimumSegmentSize: 16 * 1024,
        useSynchronizationContext: false);

    private readonly InMemoryLink _link;
    private readonly InMemoryPipeReader _input;
    private readonly InMemoryPipeWriter _output;
    private int _disposed;

    private InMemoryConnection(InMemoryLink link, Pipe inbound, Pipe outbound, IPAddress remoteAddress, string remoteName)
    {
        _link = link;
        _input = new InMemoryPipeReader(inbound.Reader, link);
        _output = new InMemoryPipeWriter(outbound.Writer, link);
        RemoteAddress = remoteAddress;
        RemoteName = remoteName;
        link.Add(_input, _output);
    }

    public override PipeReader Input => _input;

    public override PipeWriter Output => _output;

    public override IPAddress RemoteAddress { get; }

    public override string RemoteName { get; }

    internal override bool TryInterruptRead()
    {
        _input.CancelPendingRead();
        return true;
    }

    public override void Abort() => _link.Abort();

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Abort();
            _input.Complete();
            _output.Complete();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Both ends of a new connection: the one that connected, and the one to be accepted.</summary>
    internal static (InMemoryConnection Near, InMemoryConnection Far) CreatePair(IPEndPoint nearName, IPAddress farAddress, string farName)
    {
        var link = new InMemoryLink();
        var toFar = new Pipe(PipeOptions);
        var toNear = new Pipe(PipeOptions);
        return (
            new InMemoryConnection(link, toNear, toFar, farAddress, farName),
            new InMemoryConnection(link, toFar, toNear, nearName.Address, nearName.ToString()));
    }
}
