using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>The pipe's writer, whose flushes complete at once when either end was aborted.</summary>
internal sealed class InMemoryPipeWriter(PipeWriter inner, InMemoryLink link) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (link.IsAborted)
        {
            return new FlushResult(isCanceled: false, isCompleted: true);
        }

        FlushResult result = await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        return link.IsAborted ? new FlushResult(isCanceled: false, isCompleted: true) : result;
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
