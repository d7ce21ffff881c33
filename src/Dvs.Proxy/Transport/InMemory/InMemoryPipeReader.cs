using System.Buffers;
using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>The pipe's reader, whose reads complete at once, with what has arrived, when either end was aborted. One thread reads; the abilities
/// of the connection say who may ask what.</summary>
internal sealed class InMemoryPipeReader : PipeReader, IDisposable
{
    private readonly InMemoryPipe _pipe;
    private readonly InMemoryLink _link;
    private readonly PipeReader _inner;
    private Timer? _timer;
    private TimeSpan _timeout = Timeout.InfiniteTimeSpan;
    private ReadOnlySequence<byte> _buffer;
    private long _examinedAhead;
    private volatile bool _keepsAfterAbort;
    private bool _hasUnexamined;
    private int _isCancelWanted;
    private bool _completed;

    public InMemoryPipeReader(InMemoryPipe pipe, InMemoryLink link)
    {
        (_pipe, _link, _inner) = (pipe, link, pipe.Reader);
        link.Add(this, pipe);
    }

    public bool HasInput => _pipe.HasUnexamined && (!_link.IsAborted || _keepsAfterAbort);

    public bool HasEnded => _pipe.HasEnded;

    public void WaitForEnd() => _pipe.WaitForEnd();

    /// <summary>What has arrived can still be read after an abort, before the end of the stream.</summary>
    public void KeepAfterAbort() => _keepsAfterAbort = true;

    /// <summary>Limits how long each later read may wait.</summary>
    public void SetReadTimeout(TimeSpan timeout) => _timeout = timeout;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out var ready))
        {
            return ready;
        }

        var pending = _inner.ReadAsync(cancellationToken);
        if (_timeout == Timeout.InfiniteTimeSpan)
        {
            return Take(await pending.ConfigureAwait(false));
        }

        // A time that is up late cancels the next read instead, which is as if that had been short.
        _timer ??= new Timer(static reader => ((PipeReader)reader!).CancelPendingRead(), _inner, Timeout.Infinite, Timeout.Infinite);
        _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        var result = await pending.ConfigureAwait(false);
        _timer.Change(Timeout.Infinite, Timeout.Infinite);
        return Take(result);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!TryEnd(out result) && !_inner.TryRead(out result))
        {
            if (!_hasUnexamined)
            {
                return false;
            }

            // To the pipe, bytes that were examined once are so for ever, also where its consumer has asked for them again since.
            _inner.CancelPendingRead();
            _inner.TryRead(out result);
            result = new ReadResult(result.Buffer, Interlocked.Exchange(ref _isCancelWanted, 0) == 1, result.IsCompleted);
        }

        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var consumedBytes = _buffer.Slice(_buffer.Start, consumed).Length;
        var examinedNow = _buffer.Slice(_buffer.Start, examined).Length;
        var examinedBytes = Math.Max(examinedNow, _examinedAhead);
        _hasUnexamined = examinedNow < _buffer.Length;
        _pipe.CountExamined(examinedBytes - _examinedAhead);
        _examinedAhead = examinedBytes - consumedBytes;
        _buffer = default;
        _inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _isCancelWanted, 1);
        _inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        _completed = true;
        _inner.Complete(exception);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        Complete();
    }

    private ReadResult Take(ReadResult result)
    {
        if (result.IsCanceled)
        {
            Volatile.Write(ref _isCancelWanted, 0);
            result = _link.IsAborted ? AfterAbort(result) : result;
        }

        _buffer = result.Buffer;
        return result;
    }

    // The end of the stream, if an abort made one, with all that had arrived by then.
    private bool TryEnd(out ReadResult end)
    {
        if (!_completed && _link.IsAborted)
        {
            // A canceled read is how a pipe shows what its consumer has examined already.
            _inner.CancelPendingRead();
            if (_inner.TryRead(out var left))
            {
                end = AfterAbort(left);
                return true;
            }
        }

        end = default;
        return false;
    }

    private ReadResult AfterAbort(in ReadResult left) =>
        new(left.Buffer, isCanceled: false, isCompleted: !_keepsAfterAbort || left.Buffer.Length <= _examinedAhead);
}
