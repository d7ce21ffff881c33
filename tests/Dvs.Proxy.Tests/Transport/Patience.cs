namespace Dvs.Proxy.Tests.Transport;

/// <summary>Work on threads of its own, and waiting for it with a limit that only a hang reaches.</summary>
internal static class Patience
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    internal static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    internal static Task OnThread(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    internal static Task<T> Soon<T>(this Task<T> work) => work.WaitAsync(Limit);

    internal static Task Soon(this Task work) => work.WaitAsync(Limit);
}
