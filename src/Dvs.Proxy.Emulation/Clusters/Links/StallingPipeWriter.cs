using System.IO.Pipelines;

namespace Dvs.Proxy.Emulation.Clusters.Links;

/// <summary>A connection's output. A flush blocks its thread, as a flush of a connection may, while the link lets nothing pass.</summary>
internal sealed class StallingPipeWriter(PipeWriter inner, ClusterLink link, CancellationToken aborted) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!link.Passes)
        {
            try
            {
                link.WaitUntilItPasses(aborted);
            }
            catch (OperationCanceledException)
            {
                return ValueTask.FromException<FlushResult>(new IOException("The connection was aborted while the link between the nodes was stalled."));
            }
        }

        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
