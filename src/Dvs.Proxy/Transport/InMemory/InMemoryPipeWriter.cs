using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>The pipe's writer, whose flushes complete at once when either end was aborted.</summary>
internal sealed class InMemoryPipeWriter : PipeWriter
{
    private readonly InMemoryPipe _pipe;
    private readonly InMemoryLink _link;
    private readonly PipeWriter _inner;
    private long _unflushed;

    public InMemoryPipeWriter(InMemoryPipe pipe, InMemoryLink link)
    {
        (_pipe, _link, _inner) = (pipe, link, pipe.Writer);
        link.Add(this);
    }

    /// <summary>True where a flush of a little does not have to wait for the peer to read.</summary>
    public bool CanWriteAtOnce => _pipe.HasRoom;

    public override bool CanGetUnflushedBytes => _inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => _inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        _unflushed += bytes;
        _inner.Advance(bytes);
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_link.IsAborted)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }

        _pipe.CountWritten(_unflushed);
        _unflushed = 0;
        var result = await _inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        return _link.IsAborted ? new FlushResult(isCanceled: false, isCompleted: true) : result;
    }

    public override void CancelPendingFlush() => _inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // A pipe hands over what was not flushed when it is completed.
        _pipe.CountWritten(_unflushed);
        _unflushed = 0;
        _inner.Complete(exception);
        _pipe.End();
    }
}
