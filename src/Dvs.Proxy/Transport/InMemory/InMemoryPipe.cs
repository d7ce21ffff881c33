using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>
/// One direction of a connection: the pipe, and what can be asked about it from either end without touching it. Owns the counts; the writer's end
/// and the reader's each change their own.
/// </summary>
internal sealed class InMemoryPipe
{
    /// <summary>Bytes on the way at which a flush waits.</summary>
    internal const int PauseAt = 256 * 1024;

    // What may be on the way before a flush of a little is not sure to pass.
    private const int AlmostFull = PauseAt - (16 * 1024);

    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: PauseAt,
        resumeWriterThreshold: PauseAt / 2,
        minimumSegmentSize: 16 * 1024,
        useSynchronizationContext: false);

    private readonly Pipe _pipe = new(Options);
    private readonly object _end = new();
    private bool _hasEnded;
    private long _written;
    private long _examined;

    public PipeReader Reader => _pipe.Reader;

    public PipeWriter Writer => _pipe.Writer;

    /// <summary>True while bytes have been handed over that the reader has not looked at. Any thread.</summary>
    public bool HasUnexamined => Volatile.Read(ref _written) > Volatile.Read(ref _examined);

    /// <summary>True where a flush of a little does not have to wait. Any thread.</summary>
    public bool HasRoom => Volatile.Read(ref _written) - Volatile.Read(ref _examined) < AlmostFull;

    /// <summary>True once nothing more comes. Any thread.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Bytes are about to be handed over. The writing thread.</summary>
    public void CountWritten(long bytes) => Volatile.Write(ref _written, _written + bytes);

    /// <summary>The reader has looked at bytes for the first time. The reading thread.</summary>
    public void CountExamined(long bytes) => Volatile.Write(ref _examined, _examined + bytes);

    /// <summary>Nothing more comes. Any thread.</summary>
    public void End()
    {
        lock (_end)
        {
            _hasEnded = true;
            Monitor.PulseAll(_end);
        }
    }

    /// <summary>Blocks until nothing more comes. Any thread.</summary>
    public void WaitForEnd()
    {
        lock (_end)
        {
            while (!_hasEnded)
            {
                Monitor.Wait(_end);
            }
        }
    }
}
