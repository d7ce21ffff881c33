using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Drivers;
using Dvs.Proxy.Conformance.Traces;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Conformance.Running;

/// <summary>
/// Makes the steps of one section, one after the other, on the threads they are for, and writes down what comes of them. The recorded section says for each
/// how long it is waited for.
/// </summary>
internal sealed class SectionRun
{
    private readonly IDvkDevice _device;
    private readonly TraceSection _trace;
    private readonly ActorWait _wait;
    private readonly TraceRecorder? _recorder;
    private readonly List<TraceStep> _steps = [];
    private readonly List<Actor> _actors = [];
    private int _terminations;

    /// <summary>A run of a section.</summary>
    /// <param name="device">A driver just loaded, or one on which dvs_end was called.</param>
    /// <param name="main">The main thread of the process.</param>
    /// <param name="trace">What the real driver did.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="recorder">Gets the steps as they are made.</param>
    public SectionRun(IDvkDevice device, Actor main, TraceSection trace, Patience patience, TraceRecorder? recorder)
    {
        (_device, _trace, _wait, _recorder, Main) = (device, trace, new ActorWait(patience), recorder, main);
        Driver = new TracedDriver(device, IdText);
    }

    /// <summary>The recording ends here, and so does the run, though the script goes on.</summary>
    public bool StopsWithRecording { get; init; }

    public TracedDriver Driver { get; }

    /// <summary>The main thread of the process; it is not bound unless the script binds it.</summary>
    public Actor Main { get; }

    /// <summary>The threads that were started, in order.</summary>
    public IReadOnlyList<Actor> Actors => _actors;

    public IReadOnlyList<TraceStep> Steps => _steps;

    /// <summary>How often the driver told this process to end.</summary>
    public int Terminations => Volatile.Read(ref _terminations);

    private TraceStep? Expected => _trace.Steps.ElementAtOrDefault(_steps.Count);

    /// <summary>The driver told this process to end (SIGTERM).</summary>
    public void OnTermination()
    {
        Interlocked.Increment(ref _terminations);
        _recorder?.RecordTermination();
    }

    /// <summary>Starts a thread.</summary>
    public Actor Start(string name)
    {
        var actor = Actor.Start(name, () => _device.CurrentThreadId, _device.OnThreadExit);
        _actors.Add(actor);
        return actor;
    }

    /// <summary>A call on a thread.</summary>
    public void Do(Actor actor, string call, Func<TracedDriver, string> action)
    {
        var expectation = BeginStep();
        var isBack = _wait.WaitFor(Enqueue(actor, action), actor, expectation);
        Add(actor, call, isBack ? Take(actor) : TraceStep.Blocked);
        EndStep(actor, isBack || expectation != Expectation.Returns);
    }

    /// <summary>Begins a call that has no line of its own; it sleeps in the driver then, or is done.</summary>
    public void Begin(Actor actor, Func<TracedDriver, string> action) => _wait.WaitFor(Enqueue(actor, action), actor, Expectation.Blocks);

    /// <summary>What came of a call that was begun.</summary>
    public void Note(string text, Actor actor)
    {
        var expectation = BeginStep();
        var isBack = actor.Pending is not { } pending || _wait.WaitFor(pending, actor, expectation);
        Add(text, isBack ? actor.Pending?.Result ?? TraceStep.Nothing : TraceStep.StillBlocked);
    }

    /// <summary>Looks whether a blocked call has returned.</summary>
    public void Await(Actor actor)
    {
        var expectation = BeginStep();
        if (actor.Pending is not { } pending)
        {
            Add(actor, "(was not blocked)", TraceStep.Nothing);
            return;
        }

        var isBack = _wait.WaitFor(pending, actor, expectation);
        Add(actor, isBack ? "blocked call returned" : "blocked call", isBack ? Take(actor) : TraceStep.StillBlocked);
        EndStep(actor, isBack || expectation != Expectation.Returns);
    }

    /// <summary>Ends a thread.</summary>
    public void End(Actor actor, string call)
    {
        var expectation = BeginStep();
        actor.Complete();
        var isBack = _wait.WaitFor(actor.Ended, actor, expectation);
        Note(call, isBack ? "ended" : TraceStep.DidNotEnd);
        if (isBack)
        {
            _wait.WaitForExit(actor);
        }

        EndStep(actor, isFine: true);
    }

    /// <summary>A line that is no call: something looked at, or left out.</summary>
    public void Note(string text, string result = TraceStep.Nothing)
    {
        _ = BeginStep();
        Add(text, result);
    }

    /// <summary>Ends the sleep of a thread in the driver, or its next one.</summary>
    public void Interrupt(Actor actor) => _device.Interrupt(actor.Id);

    private string IdText(int id) =>
        _actors.LastOrDefault(actor => actor.Id == id) is { } actor ? $"<{actor.Name}>"
        : id == Environment.ProcessId ? "<pid>"
        : $"{id}";

    private Expectation BeginStep()
    {
        if (StopsWithRecording && Expected is null)
        {
            throw new RecordingEndException();
        }

        return Expectations.Of(Expected);
    }

    // A call that was expected back is not left behind: the steps to come are of use only with a thread that can make them.
    private void EndStep(Actor actor, bool isFine)
    {
        if (!isFine && !actor.IsLost)
        {
            _device.Interrupt(actor.Id);
            if (actor.Pending is { } pending && !_wait.WaitFor(pending, actor, Expectation.Returns))
            {
                actor.IsLost = true;
            }
            else
            {
                actor.Pending = null;
            }
        }

        foreach (var other in _actors)
        {
            _wait.Settle(other);
        }
    }

    private Task<string> Enqueue(Actor actor, Func<TracedDriver, string> action) => actor.Pending = actor.Enqueue(() =>
    {
        try
        {
            return action(Driver);
        }
#pragma warning disable CA1031 // An exception is the answer of the call, and is compared as such.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return TracedDriver.Text(exception);
        }
    });

    private static string Take(Actor actor)
    {
        var result = actor.Pending!.Result;
        actor.Pending = null;
        return result;
    }

    private void Add(Actor actor, string call, string result) => Add(actor.Name.Length == 0 ? call : $"[{actor.Name}] {call}", result);

    private void Add(string call, string result)
    {
        var step = new TraceStep(_steps.Count + 1, call, result);
        _steps.Add(step);
        _recorder?.Record(_trace.Name, step);
    }
}
