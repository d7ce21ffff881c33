using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>A connection's output whose bytes run through a <see cref="FaultScript"/> when they are flushed. A flush blocks its thread.</summary>
internal sealed class FaultyPipeWriter(PipeWriter inner, Action abort, FaultScript script) : PipeWriter, IFaultSink, IDisposable
{
    private readonly ArrayBufferWriter<byte> _written = new(4096);
    private readonly ManualResetEventSlim _aborted = new();
    private Timer? _cut;
    private bool _isHalfClosed;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _written.WrittenCount;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    public override void Advance(int bytes) => _written.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: !Flush()));
        }
        catch (IOException exception)
        {
            return ValueTask.FromException<FlushResult>(exception);
        }
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (exception is null && !_isHalfClosed && !_aborted.IsSet)
        {
            Flush();
        }

        inner.Complete(exception);
    }

    /// <summary>The connection was aborted: nobody waits any more.</summary>
    public void OnAborted() => _aborted.Set();

    public void Dispose()
    {
        _aborted.Set();
        _cut?.Dispose();
    }

    bool IFaultSink.Write(ReadOnlySpan<byte> bytes)
    {
        inner.Write(bytes);
        var result = ProxyPipes.FlushBlocking(inner);
        return !result.IsCompleted && !result.IsCanceled;
    }

    void IFaultSink.Wait(TimeSpan time) => _aborted.Wait(time);

    void IFaultSink.HalfClose()
    {
        _isHalfClosed = true;
        inner.Complete();
    }

    void IFaultSink.Cut() => Abort();

    // The transport decides what an abort loses.
    void IFaultSink.Reset() => Abort();

    void IFaultSink.CutAfter(TimeSpan time) => _cut = new Timer(_ => Abort(), null, time, Timeout.InfiniteTimeSpan);

    // False: the connection takes no more.
    private bool Flush()
    {
        if (_written.WrittenCount > 0)
        {
            var bytes = _written.WrittenSpan.ToArray();
            _written.ResetWrittenCount();
            script.Play(bytes, this);
        }

        // After a half-close the writer does not learn that nobody listens: that is what a half-close is.
        return (!script.HasEnded || _isHalfClosed) && !_aborted.IsSet;
    }

    private void Abort()
    {
        _aborted.Set();
        abort();
    }
}
