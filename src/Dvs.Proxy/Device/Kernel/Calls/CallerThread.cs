using System.Collections.Concurrent;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// A thread that calls the driver, and the protocol by which another thread ends its sleep there without losing the wake-up.
/// </summary>
/// <remarks>
/// A signal alone is not enough: it is lost when it comes just before the thread enters the driver. So the interrupter first leaves a
/// request, then looks whether the thread is in the driver; the thread first says that it is in the driver, then looks for a request. One of
/// the two always sees the other. What is left is the moment between the thread's look and its sleep; there the interrupter repeats the signal
/// until the thread has acknowledged or left.
/// <para>The thread says so thousands of times for one interrupt, so the barrier that makes this true is the interrupter's alone: it is one of the whole
/// process (membarrier), and the thread itself makes plain stores. What the thread says is the descriptor it uses, by which
/// <see cref="DvkHandle"/> knows when it may be closed.</para>
/// <para>One request ends exactly one call. The thread that acknowledges waits until the interrupter sends no more signals and then makes a
/// cheap system call, on whose way back the kernel delivers what is pending, so no stray signal reaches the call after.</para>
/// </remarks>
internal sealed class CallerThread
{
    /// <summary>How long a signal is repeated to a thread that neither returns nor acknowledges: a stuck driver must not hold up a shutdown.</summary>
    private const int RepeatLimitMilliseconds = 10_000;

    private const int NotInDriver = -1;

    [ThreadStatic]
    private static CallerThread? _current;

    private int _descriptor = NotInDriver;
    private int _interruptRequested;
    private int _interrupters;
    private int _owned;
    private BoundProcess? _process;

    private CallerThread(int id) => Id = id;

    /// <summary>The calling thread.</summary>
    internal static CallerThread Current => _current ?? Enlist();

    /// <summary>Its kernel thread id.</summary>
    internal int Id { get; }

    /// <summary>The process it stands for; null while that is not known here. Only the thread itself sets it, any thread may forget it.</summary>
    internal BoundProcess? Process
    {
        get => Volatile.Read(ref _process);
        set => Volatile.Write(ref _process, value);
    }

    /// <summary>
    /// Announces that the thread goes into the driver. False when it must not, because an interrupt was requested: that request is used up.
    /// </summary>
    internal bool TryEnter(int descriptor)
    {
        Enter(descriptor);
        if (Volatile.Read(ref _interruptRequested) == 0)
        {
            return true;
        }

        Leave();
        return !TryAcknowledge();
    }

    /// <summary>Announces that the thread goes into the driver, for a call that does not sleep there; a request stays for the next one that does.</summary>
    internal void Enter(int descriptor) => Volatile.Write(ref _descriptor, descriptor);

    /// <summary>The thread is back.</summary>
    internal void Leave() => Volatile.Write(ref _descriptor, NotInDriver);

    /// <summary>Takes the request for an interrupt, if there is one. Called on this thread.</summary>
    internal bool TryAcknowledge()
    {
        if (Interlocked.Exchange(ref _interruptRequested, 0) == 0)
        {
            return false;
        }

        var wait = new SpinWait();
        while (Volatile.Read(ref _interrupters) != 0)
        {
            wait.SpinOnce();
        }

        _ = Libc.GetThreadId();
        return true;
    }

    /// <summary>Ends the sleep of a thread in the driver, or its next one. Returns when the thread has noticed or does not sleep.</summary>
    internal static void Interrupt(int threadId)
    {
        if (!Libc.SignalThread(threadId, 0))
        {
            Registry.Threads.TryRemove(threadId, out _);
            return;
        }

        Registry.Threads.GetOrAdd(threadId, static id => new CallerThread(id)).Interrupt();
    }

    /// <summary>The calling thread makes no more driver calls. Its id may be given to another thread later.</summary>
    internal static void Retire()
    {
        if (_current is { } thread)
        {
            _current = null;
            Registry.Threads.TryRemove(KeyValuePair.Create(thread.Id, thread));
        }
    }

    /// <summary>Processes have ended or changed, or may have: their threads learn anew what they are. Any thread.</summary>
    internal static void ForgetProcesses(string driver, int? dcId = null, int? number = null)
    {
        foreach (var (_, thread) in Registry.Threads)
        {
            if (thread.Process is { } process && process.Driver == driver && (dcId ?? process.DcId) == process.DcId
                && (number ?? process.Endpoint) == process.Endpoint)
            {
                thread.Process = null;
            }
        }
    }

    /// <summary>True while a thread is in the driver by this descriptor. Only after a barrier of the whole process does that mean anything.</summary>
    internal static bool IsInUse(int descriptor)
    {
        foreach (var (_, thread) in Registry.Threads)
        {
            if (Volatile.Read(ref thread._descriptor) == descriptor)
            {
                return true;
            }
        }

        return false;
    }

    private void Interrupt()
    {
        Interlocked.Increment(ref _interrupters);
        try
        {
            Interlocked.Exchange(ref _interruptRequested, 1);
            Interlocked.MemoryBarrierProcessWide();
            RepeatSignal();
        }
        finally
        {
            Interlocked.Decrement(ref _interrupters);
        }
    }

    private void RepeatSignal()
    {
        var end = Environment.TickCount64 + RepeatLimitMilliseconds;
        var wait = new SpinWait();
        while (Volatile.Read(ref _descriptor) != NotInDriver && Volatile.Read(ref _interruptRequested) != 0 && Environment.TickCount64 < end)
        {
            // A signal may also fail because too many wait already, as for a thread that the driver does not let go.
            if (!Libc.SignalThread(Id, InterruptSignal.Number) && !Libc.SignalThread(Id, 0))
            {
                Registry.Threads.TryRemove(KeyValuePair.Create(Id, this));
                return;
            }

            wait.SpinOnce();
        }
    }

    private static CallerThread Enlist()
    {
        InterruptSignal.UnblockForCurrentThread();
        var id = Libc.GetThreadId();
        var thread = Registry.Threads.GetOrAdd(id, static id => new CallerThread(id));
        if (Interlocked.Exchange(ref thread._owned, 1) != 0)
        {
            // Left over from a thread that ended without a word and had the same id; its requests were not meant for this one.
            thread = new CallerThread(id) { _owned = 1 };
            Registry.Threads[id] = thread;
        }

        _current = thread;
        return thread;
    }

    /// <summary>All threads, apart from <see cref="_current"/>: native code would ask at each use of that whether this is made already.</summary>
    private static class Registry
    {
        internal static readonly ConcurrentDictionary<int, CallerThread> Threads = new();
    }
}
