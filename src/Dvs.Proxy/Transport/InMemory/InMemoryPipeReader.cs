using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>The pipe's reader, whose reads complete at once, with what has arrived, when either end was aborted.</summary>
internal sealed class InMemoryPipeReader(PipeReader inner, InMemoryLink link) : PipeReader
{
    private bool _completed;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryEnd(out ReadResult end))
            {
                return end;
            }

            ReadResult result = await inner.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!result.IsCanceled || !link.IsAborted)
            {
                return result;
            }

            // Woken by an abort: the end, with what is left, comes in the next round.
            inner.AdvanceTo(result.Buffer.Start);
        }
    }

    public override bool TryRead(out ReadResult result) => TryEnd(out result) || inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        inner.Complete(exception);
    }

    /// <summary>The end of the stream, if an abort made one, with all that had arrived by then.</summary>
    private bool TryEnd(out ReadResult end)
    {
        if (!_completed && link.IsAborted)
        {
            // A canceled read is how a pipe shows what its consumer has examined already.
            inner.CancelPendingRead();
            if (inner.TryRead(out ReadResult left))
            {
                end = new ReadResult(left.Buffer, isCanceled: false, isCompleted: true);
                return true;
            }
        }

        end = default;
        return false;
    }
}
