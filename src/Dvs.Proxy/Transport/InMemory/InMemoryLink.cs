using System.IO.Pipelines;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>
/// Whether a connection was aborted, by either end: shared by both ends. A pipe has no abort that may come from any thread (completing it
/// would pull the memory from under a thread that reads or writes), so an abort raises a flag and wakes whoever waits; they look at the flag.
/// </summary>
internal sealed class InMemoryLink
{
    private readonly List<(PipeReader Reader, InMemoryPipe Pipe)> _readers = [];
    private readonly List<PipeWriter> _writers = [];
    private int _aborted;

    internal bool IsAborted => Volatile.Read(ref _aborted) != 0;

    /// <summary>Only while the connection is made.</summary>
    internal void Add(InMemoryPipeReader reader, InMemoryPipe pipe) => _readers.Add((reader, pipe));

    /// <summary>Only while the connection is made.</summary>
    internal void Add(InMemoryPipeWriter writer) => _writers.Add(writer);

    internal void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) != 0)
        {
            return;
        }

        foreach (var (reader, pipe) in _readers)
        {
            pipe.End();
            reader.CancelPendingRead();
        }

        foreach (var writer in _writers)
        {
            writer.CancelPendingFlush();
        }
    }
}
