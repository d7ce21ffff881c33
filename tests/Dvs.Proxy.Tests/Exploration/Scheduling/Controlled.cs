using System.Diagnostics.CodeAnalysis;

namespace Dvs.Proxy.Tests.Exploration.Scheduling;

/// <summary>
/// What the rewritten library calls in place of the primitives of System.Threading: the same signatures, with the object as first argument.
/// Public only because another assembly calls it.
/// </summary>
[SuppressMessage("Naming", "CA1720", Justification = "Named as what it stands for.")]
public static class Controlled
{
    /// <summary>Called before every synchronization operation.</summary>
    public static void Point(string label)
    {
        if (Scheduler.Running is { } current)
        {
            Scheduler.Active.Point(current, label);
        }
    }

    public static void Enter(object gate, ref bool taken)
    {
        var monitor = Get<MonitorState>(gate);
        var current = Current;
        Block(() => monitor.Owner is null || monitor.Owner == current, -1);
        monitor.Owner = current;
        monitor.Depth++;
        taken = true;
    }

    public static void Exit(object gate)
    {
        var monitor = Owned(gate);
        if (--monitor.Depth == 0)
        {
            monitor.Owner = null;
        }
    }

    public static bool Wait(object gate) => Wait(gate, Timeout.Infinite);

    public static bool Wait(object gate, int milliseconds)
    {
        var monitor = Owned(gate);
        var current = Current;
        var depth = monitor.Depth;
        (monitor.Owner, monitor.Depth) = (null, 0);
        monitor.Waiting.Add(current);
        var pulsed = Block(() => !monitor.Waiting.Contains(current), milliseconds);
        monitor.Waiting.Remove(current);
        Block(() => monitor.Owner is null, -1);
        (monitor.Owner, monitor.Depth) = (current, depth);
        return pulsed;
    }

    public static void Pulse(object gate)
    {
        var waiting = Owned(gate).Waiting;
        if (waiting.Count > 0)
        {
            waiting.RemoveAt(0);
        }
    }

    public static void PulseAll(object gate) => Owned(gate).Waiting.Clear();

    public static Thread NewThread(ThreadStart body, int stackSize) => Scheduler.Active.Create(body);

    public static void Start(Thread thread) => Scheduler.Active.Start(thread);

    public static void Join(Thread thread) => Block(() => Scheduler.Active.IsDone(thread), -1);

    public static bool Join(Thread thread, TimeSpan timeout) => Block(() => Scheduler.Active.IsDone(thread), (long)timeout.TotalMilliseconds);

    public static void Set(ManualResetEventSlim signal) => Get<SignalState>(signal).IsSet = true;

    public static void Reset(ManualResetEventSlim signal) => Get<SignalState>(signal).IsSet = false;

    public static void Wait(ManualResetEventSlim signal) => Wait(signal, Timeout.InfiniteTimeSpan);

    public static bool Wait(ManualResetEventSlim signal, TimeSpan timeout)
    {
        var state = Get<SignalState>(signal);
        return Block(() => state.IsSet, (long)timeout.TotalMilliseconds);
    }

    public static bool WaitOne(WaitHandle handle, TimeSpan timeout) => Block(() => handle.WaitOne(0), (long)timeout.TotalMilliseconds);

    /// <summary>The callbacks of a cancellation run within it, in one step.</summary>
    public static void Cancel(CancellationTokenSource source) => Scheduler.Active.Atomically(source.Cancel);

    /// <summary>Attempts to connect end by themselves in the scenarios.</summary>
    public static void CancelAfter(CancellationTokenSource source, TimeSpan delay)
    {
    }

    public static long TickCount64() => Scheduler.Active.Now;

    /// <summary>Waits for a condition. False: the time was up.</summary>
    internal static bool Block(Func<bool> isReady, long milliseconds = -1) => Scheduler.Active.Block(Current, isReady, milliseconds);

    private static ControlledThread Current => Scheduler.Running ?? throw new InvalidOperationException("Not a controlled thread.");

    private static MonitorState Owned(object gate)
    {
        var monitor = Get<MonitorState>(gate);
        return monitor.Owner == Current ? monitor : throw new SynchronizationLockException();
    }

    private static T Get<T>(object key)
        where T : class, new()
    {
        var primitives = Scheduler.Active.Primitives;
        if (!primitives.TryGetValue(key, out var state))
        {
            primitives.Add(key, state = new T());
        }

        return (T)state;
    }

    private sealed class MonitorState
    {
        public ControlledThread? Owner { get; set; }

        public int Depth { get; set; }

        public List<ControlledThread> Waiting { get; } = [];
    }

    private sealed class SignalState
    {
        public bool IsSet { get; set; }
    }
}
