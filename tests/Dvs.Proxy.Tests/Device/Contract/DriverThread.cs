using System.Collections.Concurrent;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Tests.Device.Contract;

/// <summary>A thread that makes driver calls one after the other, as they are given to it: a proxy or a process of a test.</summary>
internal sealed class DriverThread : IDisposable
{
    private readonly IDvkDevice _device;
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private bool _disposed;

    public DriverThread(IDvkDevice device, string name)
    {
        _device = device;
        _thread = new Thread(Work) { IsBackground = true, Name = name };
        _thread.Start();
        Id = Call(() => device.CurrentThreadId);
    }

    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Id by which the driver knows the thread.</summary>
    public int Id { get; }

    /// <summary>Starts a call that may block.</summary>
    public Task<T> Start<T>(Func<T> call)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                result.SetResult(call());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task;
    }

    /// <summary>Makes a call and waits for its result.</summary>
    public T Call<T>(Func<T> call) => Finish(Start(call));

    /// <summary>The result of a started call, which must come within the limit.</summary>
    public static T Finish<T>(Task<T> call)
    {
        Assert.True(Task.WaitAny([call], Limit) == 0, "a driver call did not return");
        return call.GetAwaiter().GetResult();
    }

    /// <summary>Ends the thread as a proxy or process does: the last call is OnThreadExit.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _work.CompleteAdding();
        _device.Interrupt(Id);
        Assert.True(_thread.Join(Limit), $"thread {_thread.Name} did not end");
        _work.Dispose();
    }

    private void Work()
    {
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }

        _device.OnThreadExit();
    }
}
