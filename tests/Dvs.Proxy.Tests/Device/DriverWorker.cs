using System.Collections.Concurrent;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Tests.Device;

/// <summary>A thread that makes driver calls one after the other, as a proxy thread or an application process does.</summary>
internal sealed class DriverWorker : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    internal DriverWorker(IDvkDevice device)
    {
        var started = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread = new Thread(() =>
        {
            started.SetResult(device.CurrentThreadId);
            foreach (var action in _work.GetConsumingEnumerable())
            {
                action();
            }

            device.OnThreadExit();
        })
        { IsBackground = true };
        _thread.Start();
        Id = started.Task.WaitAsync(Limit).GetAwaiter().GetResult();
    }

    internal int Id { get; }

    /// <summary>Runs something on the thread; the task carries its result.</summary>
    internal Task<T> Run<T>(Func<T> call)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                result.SetResult(call());
            }
            catch (Exception failure)
            {
                result.SetException(failure);
            }
        });
        return result.Task;
    }

    /// <summary>Runs something on the thread and waits for it.</summary>
    internal T Do<T>(Func<T> call) => Run(call).WaitAsync(Limit).GetAwaiter().GetResult();

    /// <summary>Lets the thread end, and waits for that.</summary>
    internal void End()
    {
        if (!_work.IsAddingCompleted)
        {
            _work.CompleteAdding();
        }

        Assert.True(_thread.Join(Limit), "the thread does not end");
    }

    public void Dispose() => End();
}
