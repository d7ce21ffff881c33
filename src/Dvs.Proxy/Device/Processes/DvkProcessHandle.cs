using System.Runtime.ExceptionServices;

namespace Dvs.Proxy.Device.Processes;

/// <summary>A process that runs on a thread of its own, from <see cref="DvkProcess.Start"/>. Thread-safe. Behaviour: DvkProcessTests.</summary>
public sealed class DvkProcessHandle : IAsyncDisposable
{
    private readonly IDvkDevice _device;
    private readonly TaskCompletionSource<DvkProcess> _bound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly Action<Exception>? _onFailure;
    private DvkProcess _process = null!;
    private volatile bool _isInterrupted;

    private DvkProcessHandle(IDvkDevice device, int dcId, int endpoint, string name, Action<DvkProcess> body, Action<Exception>? onFailure)
    {
        _device = device;
        _onFailure = onFailure;
        _thread = new Thread(() => Run(dcId, endpoint, name, body)) { IsBackground = true, Name = name };
    }

    /// <summary>The DC it lives in.</summary>
    public int DcId => _process.DcId;

    /// <summary>Its name.</summary>
    public string Name => _process.Name;

    /// <summary>Its endpoint.</summary>
    public int Endpoint => _process.Endpoint;

    /// <summary>Id by which the driver knows its thread.</summary>
    public int ThreadId => _process.ThreadId;

    /// <summary>What ended the body, or null if it runs or ended well.</summary>
    public Exception? Exception => Completion.Exception?.InnerException;

    /// <summary>
    /// Ends when the body has ended, the process is unbound and the driver has been told that the thread exits. Fails with what ended the body.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>False once the body has ended and the thread is gone.</summary>
    public bool IsRunning => _thread.IsAlive;

    internal static DvkProcessHandle Start(
        IDvkDevice device, int dcId, int endpoint, string name, Action<DvkProcess> body, Action<Exception>? onFailure)
    {
        var handle = new DvkProcessHandle(device, dcId, endpoint, name, body, onFailure);
        handle._thread.Start();
        handle._process = handle._bound.Task.GetAwaiter().GetResult();
        return handle;
    }

    /// <summary>Gets it out of the call it is blocked in, or will be next: the call ends with <see cref="DvkError.Interrupted"/>.</summary>
    public void Interrupt()
    {
        _isInterrupted = true;
        _process.Interrupt();
    }

    /// <summary>Waits for the end. If the body failed, its exception is thrown here.</summary>
    public void Join() => Join(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the end. If the body failed, its exception is thrown here.</summary>
    /// <returns>False if the time was up first.</returns>
    public bool Join(TimeSpan timeout)
    {
        if (!_thread.Join(timeout))
        {
            return false;
        }

        if (Exception is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }

        return true;
    }

    /// <summary>
    /// Interrupts the process and waits for its end, whatever ended it. A body that calls the driver again after <see cref="DvkError.Interrupted"/> goes on.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!Completion.IsCompleted)
        {
            Interrupt();
        }

        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Run(int dcId, int endpoint, string name, Action<DvkProcess> body)
    {
        Exception? failure = null;
        try
        {
            using var process = DvkProcess.Bind(_device, dcId, endpoint, name);
            _bound.SetResult(process);
            body(process);
        }
#pragma warning disable CA1031 // Whatever it is, it goes to whoever joins (or to Start, before the bind).
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
            if (_bound.Task.IsCompleted && !IsWanted(exception))
            {
                Report(endpoint, name, exception);
            }
        }
        finally
        {
            _device.OnThreadExit();
        }

        if (failure is null)
        {
            _completion.SetResult();
        }
        else if (!_bound.TrySetException(failure))
        {
            _completion.SetException(failure);

            // Marks it as observed: whoever does not join does not want to know.
            _ = Completion.Exception;
        }
    }

    // What somebody asked for is no failure.
    private bool IsWanted(Exception exception) =>
        exception is OperationCanceledException || (_isInterrupted && exception is DvkException { Error: DvkError.Interrupted });

    private void Report(int endpoint, string name, Exception exception)
    {
        try
        {
            if (_onFailure is not null)
            {
                _onFailure(exception);
            }
            else
            {
                Console.Error.WriteLine($"Process '{name}' (endpoint {endpoint}) failed: {exception}");
            }
        }
#pragma warning disable CA1031 // Whoever is told must not turn the end of a process into a crash; the first failure is the one that counts.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
