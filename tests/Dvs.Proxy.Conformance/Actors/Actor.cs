using System.Collections.Concurrent;

namespace Dvs.Proxy.Conformance.Actors;

/// <summary>A thread of the script: a process or a proxy to the driver. Makes its calls one after the other.</summary>
internal sealed class Actor
{
    private readonly BlockingCollection<Action> _calls = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isInCall;

    private Actor(string name) => Name = name;

    /// <summary>Name in the trace; empty for the main thread.</summary>
    public string Name { get; }

    /// <summary>Id by which the driver knows it.</summary>
    public int Id { get; private set; }

    /// <summary>The last call, while it has not been seen to return.</summary>
    public Task<string>? Pending { get; set; }

    /// <summary>A call that should have returned did not, not even after an interrupt: no more is to be expected of this thread.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether a call is being made.</summary>
    public bool IsInCall => _isInCall;

    /// <summary>Done when the thread makes no more calls.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts a thread of that name, by which a driver calls it too.</summary>
    /// <param name="name">The name.</param>
    /// <param name="readId">Reads the id of the calling thread.</param>
    /// <param name="onExit">Called as the last thing, when the trace says already that the thread ended.</param>
    public static Actor Start(string name, Func<int> readId, Action onExit)
    {
        var actor = new Actor(name);
        var thread = new Thread(() => actor.Pump(onExit)) { IsBackground = true, Name = name };
        thread.Start();
        actor.Id = actor.Enqueue(readId).Result;
        return actor;
    }

    /// <summary>The calling thread as an actor: it has to call <see cref="Pump"/>.</summary>
    public static Actor ForThisThread(int id) => new("") { Id = id };

    /// <summary>Makes a call as soon as those before it are done.</summary>
    public Task<T> Enqueue<T>(Func<T> call)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add(() =>
        {
            try
            {
                var value = call();
                _isInCall = false;
                result.SetResult(value);
            }
#pragma warning disable CA1031 // Whatever comes out of it belongs to the one who asked.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _isInCall = false;
                result.SetException(exception);
            }
        });
        return result.Task;
    }

    /// <summary>No more calls come.</summary>
    public void Complete() => _calls.CompleteAdding();

    /// <summary>Makes the calls until the last one.</summary>
    public void Pump(Action onExit)
    {
        foreach (var call in _calls.GetConsumingEnumerable())
        {
            _isInCall = true;
            call();
        }

        _ended.SetResult();
        onExit();
    }
}
