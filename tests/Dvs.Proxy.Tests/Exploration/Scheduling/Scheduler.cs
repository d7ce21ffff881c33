using System.Text;

namespace Dvs.Proxy.Tests.Exploration.Scheduling;

/// <summary>
/// Runs the threads of one execution one at a time. At every synchronization point it decides who goes on: by default the thread that runs, or,
/// when that one blocks, the one with the lowest number; a schedule names the points where another goes on instead. Time is virtual: a
/// wait runs out when nobody else can run, or where the schedule says so. The same schedule gives the same execution.
/// </summary>
internal sealed class Scheduler
{
    private const int MostPoints = 100_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ThreadStatic]
    private static ControlledThread? _running;

    private static Scheduler? _active;

    private readonly Func<int, int, int> _choose;
    private readonly List<ControlledThread> _threads = [];
    private readonly List<ControlledTimer> _timers = [];
    private readonly List<int> _widths = [];
    private readonly List<object> _candidates = [];
    private readonly ManualResetEventSlim _over = new();
    private int _points;
    private int _atomic;
    private string? _failure;

    private Scheduler(Func<int, int, int> choose) => _choose = choose;

    /// <summary>The execution in progress.</summary>
    public static Scheduler Active => _active ?? throw new InvalidOperationException("No execution is in progress.");

    /// <summary>The controlled thread that runs; null on any other thread.</summary>
    public static ControlledThread? Running => _running;

    /// <summary>Virtual time in ms.</summary>
    public long Now { get; private set; }

    /// <summary>State of the primitives that are modelled, by the object that stands for them.</summary>
    public Dictionary<object, object> Primitives { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Runs one execution.</summary>
    /// <param name="body">The first thread.</param>
    /// <param name="choose">Given the number of a decision and how many ways there are: which; 0 is the default.</param>
    /// <returns>Why it failed, or null; and how many ways there were at each decision.</returns>
    public static (string? Failure, List<int> Widths) Run(Action body, Func<int, int, int> choose)
    {
        var scheduler = new Scheduler(choose);
        _active = scheduler;
        scheduler.Add(new Thread(() => scheduler.RunThread(scheduler._threads[0], body)), "main").Real.Start();
        scheduler._threads[0].Go.Release();
        if (!scheduler._over.Wait(Patience))
        {
            scheduler._failure ??= $"An execution got stuck outside the scheduler.\n{scheduler.Describe()}";
        }

        _active = null;
        return (scheduler._failure, scheduler._widths);
    }

    /// <summary>Makes a thread; it runs from <see cref="Start"/> on.</summary>
    public Thread Create(ThreadStart body, string? name = null)
    {
        ControlledThread? thread = null;
        var real = new Thread(() => RunThread(thread!, new Action(body)));
        thread = Add(real, name);
        return real;
    }

    /// <summary>Lets a thread of <see cref="Create"/> run.</summary>
    public void Start(Thread real)
    {
        var thread = Find(real);
        thread.Name ??= real.Name;
        thread.IsStarted = true;
        real.IsBackground = true;
        real.Start();
    }

    /// <summary>Whether a thread ended.</summary>
    public bool IsDone(Thread real) => Find(real).IsDone;

    /// <summary>A callback after some time, unless it is disposed by then.</summary>
    public ControlledTimer AddTimer(Action callback, long milliseconds)
    {
        var timer = new ControlledTimer(callback, Now + milliseconds);
        _timers.Add(timer);
        return timer;
    }

    /// <summary>Others may run here.</summary>
    public void Point(ControlledThread current, string label)
    {
        if (_atomic == 0)
        {
            current.At = label;
            Switch(current);
        }
    }

    /// <summary>Waits for a condition. False: the time was up.</summary>
    public bool Block(ControlledThread current, Func<bool> isReady, long milliseconds = -1)
    {
        if (isReady())
        {
            return true;
        }

        if (milliseconds == 0)
        {
            return false;
        }

        if (_atomic > 0)
        {
            Fail("A thread blocks where nothing may block.");
        }

        (current.IsReady, current.Deadline, current.IsTimedOut) = (isReady, milliseconds < 0 ? -1 : Now + milliseconds, false);
        Switch(current);
        (current.IsReady, current.Deadline) = (null, -1);
        return !current.IsTimedOut;
    }

    /// <summary>Does something in one step.</summary>
    public void Atomically(Action action)
    {
        _atomic++;
        try
        {
            action();
        }
        finally
        {
            _atomic--;
        }
    }

    /// <summary>Ends the execution; does not return.</summary>
    public void Fail(string failure)
    {
        _failure ??= $"{failure}\n{Describe()}";
        _over.Set();
        Thread.Sleep(Timeout.Infinite);
    }

    private ControlledThread Add(Thread real, string? name)
    {
        var thread = new ControlledThread(_threads.Count, real) { Name = name, IsStarted = _threads.Count == 0 };
        real.IsBackground = true;
        _threads.Add(thread);
        return thread;
    }

    private ControlledThread Find(Thread real) => _threads.Find(thread => ReferenceEquals(thread.Real, real))
        ?? throw new InvalidOperationException("The thread was not made by the scheduler.");

    private void RunThread(ControlledThread thread, Action body)
    {
        thread.Go.Wait();
        _running = thread;
        try
        {
            body();
        }
#pragma warning disable CA1031 // Whatever a thread throws is the outcome of the execution.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail($"Thread {thread.Name} threw {exception}");
        }

        thread.IsDone = true;
        if (_threads.TrueForAll(static each => each.IsDone || !each.IsStarted))
        {
            _over.Set();
            return;
        }

        Next(thread)?.Go.Release();
    }

    private void Switch(ControlledThread current)
    {
        var next = Next(current);
        if (next != current)
        {
            next!.Go.Release();
            current.Go.Wait();
        }
    }

    private ControlledThread? Next(ControlledThread current)
    {
        while (true)
        {
            if (++_points > MostPoints)
            {
                Fail("The execution does not end.");
            }

            var enabled = CollectCandidates(current);
            if (_candidates.Count == 0)
            {
                Fail("Deadlock: no thread can go on.");
            }

            var choice = 0;
            if (_candidates.Count > 1)
            {
                choice = _choose(_widths.Count, _candidates.Count);
                _widths.Add(_candidates.Count);
            }

            switch (_candidates[choice])
            {
                case ControlledTimer timer:
                    Now = Math.Max(Now, timer.Deadline);
                    timer.IsDisposed = true;
                    Atomically(timer.Callback);
                    break;
                case ControlledThread thread:
                    if (choice >= enabled)
                    {
                        Now = Math.Max(Now, thread.Deadline);
                        thread.IsTimedOut = true;
                    }

                    return thread;
            }
        }
    }

    // First who can run, the present one first; then whose time may run out, the earliest first.
    private int CollectCandidates(ControlledThread current)
    {
        _candidates.Clear();
        if (current.CanRun)
        {
            _candidates.Add(current);
        }

        foreach (var thread in _threads)
        {
            if (thread != current && thread.CanRun)
            {
                _candidates.Add(thread);
            }
        }

        var enabled = _candidates.Count;
        foreach (var thread in _threads)
        {
            if (thread is { IsDone: false, Deadline: >= 0 } && !thread.CanRun)
            {
                _candidates.Add(thread);
            }
        }

        _timers.RemoveAll(static timer => timer.IsDisposed);
        _candidates.AddRange(_timers);
        _candidates.Sort(enabled, _candidates.Count - enabled, ByDeadline.Instance);
        return enabled;
    }

    private string Describe()
    {
        var text = new StringBuilder($"at {Now} ms:");
        foreach (var thread in _threads)
        {
            var state = thread.IsDone ? "ended" : !thread.IsStarted ? "not started" : thread.CanRun ? "can run" : "waits";
            text.Append($"\n  {thread.Index} {thread.Name}: {state}, at {thread.At}");
        }

        return text.ToString();
    }

    private sealed class ByDeadline : IComparer<object>
    {
        public static readonly ByDeadline Instance = new();

        public int Compare(object? x, object? y) => Key(x).CompareTo(Key(y));

        private static (long Deadline, int Index) Key(object? candidate) =>
            candidate is ControlledThread thread ? (thread.Deadline, thread.Index) : (((ControlledTimer)candidate!).Deadline, int.MaxValue);
    }
}
