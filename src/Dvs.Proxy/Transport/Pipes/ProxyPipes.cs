using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Dvs.Proxy.Transport.Pipes;

/// <summary>
/// How the proxy's dedicated threads use any transport: an operation that completed inline costs nothing more; for one that did not, the
/// calling thread sleeps until it does. No allocation either way, except what the transport's own operation allocates.
/// </summary>
internal static class ProxyPipes
{
    [ThreadStatic]
    private static ThreadWaiter? _waiter;

    /// <summary>Reads, blocking the calling thread until there is something new, the end, or a cancellation.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    internal static ReadResult ReadBlocking(this PipeReader reader) => WaitBlocking(reader.ReadAsync(CancellationToken.None));

    /// <summary>Flushes, blocking the calling thread until the bytes are handed over.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    internal static FlushResult FlushBlocking(this PipeWriter writer) => WaitBlocking(writer.FlushAsync(CancellationToken.None));

    /// <summary>The result of an operation, blocking the calling thread until it is there. For accept, connect, listen.</summary>
    internal static T WaitBlocking<T>(this ValueTask<T> operation)
    {
        var awaiter = operation.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            Sleep(awaiter);
        }

        return awaiter.GetResult();
    }

    /// <summary>As the other, for an operation without result. For disposal.</summary>
    internal static void WaitBlocking(this ValueTask operation)
    {
        var awaiter = operation.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            Sleep(awaiter);
        }

        awaiter.GetResult();
    }

    private static void Sleep<TAwaiter>(TAwaiter awaiter)
        where TAwaiter : ICriticalNotifyCompletion
    {
        var waiter = _waiter ??= new ThreadWaiter();
        awaiter.UnsafeOnCompleted(waiter.Continuation);
        waiter.Wait();
    }

    /// <summary>One thread's place to sleep; a signal is used up by the wait it ends.</summary>
    private sealed class ThreadWaiter
    {
        private readonly object _gate = new();
        private bool _signaled;

        internal ThreadWaiter() => Continuation = Signal;

        internal Action Continuation { get; }

        internal void Wait()
        {
            lock (_gate)
            {
                try
                {
                    while (!_signaled)
                    {
                        Monitor.Wait(_gate);
                    }

                    _signaled = false;
                }
                catch (ThreadInterruptedException)
                {
                    // The operation goes on and will signal later: that signal must not end another wait.
                    _waiter = null;
                    throw;
                }
            }
        }

        private void Signal()
        {
            lock (_gate)
            {
                _signaled = true;
                Monitor.Pulse(_gate);
            }
        }
    }
}
