using System.Net;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>
/// The threads of a proxy on which connections are identified that may block: few, whatever comes. Where all are taken the others queue,
/// and an address that has few of them comes before one that has many. Owns the threads and the queue. Thread-safe. Behaviour:
/// AdmissionTests.
/// </summary>
internal sealed class AdmissionThreads(ProxyLogger logger, int most = AdmissionThreads.DefaultMost)
{
    /// <summary>Threads per proxy.</summary>
    public const int DefaultMost = 8;

    private const int StackSize = 256 * 1024;

    private readonly object _gate = new();
    private readonly List<(PendingConnection Pending, Action<PendingConnection> Work)> _queue = [];
    private readonly List<PendingConnection> _running = [];
    private int _threads;

    /// <summary>Has a connection identified, now or when its turn comes.</summary>
    /// <returns>False if the system gives no thread, and none is there.</returns>
    public bool TryAdd(PendingConnection pending, Action<PendingConnection> work)
    {
        PendingConnection? victim;
        lock (_gate)
        {
            _queue.Add((pending, work));
            if (_threads < most)
            {
                _threads++;
                if (TryStart())
                {
                    return true;
                }

                // The threads that are there come to it; where there are none, nobody does.
                _threads--;
                return _threads > 0 || !_queue.Remove((pending, work));
            }

            victim = FindVictim(pending.Address);
        }

        victim?.Cut("it had to make room for another: connections that take long to say whose they are hold all threads");
        return true;
    }

    /// <summary>Takes a connection that waits out of the queue. Returns false if a thread has it, or has had it.</summary>
    public bool TryRemove(PendingConnection pending)
    {
        lock (_gate)
        {
            return _queue.RemoveAll(item => item.Pending == pending) > 0;
        }
    }

    private bool TryStart()
    {
        try
        {
            new Thread(Run, StackSize) { IsBackground = true, Name = "dvs admission" }.Start();
            return true;
        }
#pragma warning disable CA1031 // No memory, no thread, an assembly that cannot be loaded: to the caller it is the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ProxyLog.UnexpectedFault(logger, "the start of a thread for new connections", exception);
            return false;
        }
    }

    private void Run()
    {
        while (TryTake(out var pending, out var work))
        {
            FaultBarrier.Run(logger, "the admission of a connection", () => work(pending));
            lock (_gate)
            {
                _running.Remove(pending);
            }
        }
    }

    private bool TryTake(out PendingConnection pending, out Action<PendingConnection> work)
    {
        lock (_gate)
        {
            if (_queue.Count == 0)
            {
                _threads--;
                (pending, work) = (null!, null!);
                return false;
            }

            var next = 0;
            var fewest = CountOf(_queue[0].Pending.Address);
            for (var index = 1; index < _queue.Count && fewest > 0; index++)
            {
                var count = CountOf(_queue[index].Pending.Address);
                if (count < fewest)
                {
                    (next, fewest) = (index, count);
                }
            }

            (pending, work) = _queue[next];
            _queue.RemoveAt(next);
            _running.Add(pending);
            return true;
        }
    }

    // The oldest of the address that has most, if that is at least two more than the newcomer's has.
    private PendingConnection? FindVictim(IPAddress? newcomer)
    {
        PendingConnection? victim = null;
        var most = CountOf(newcomer) + 1;
        foreach (var candidate in _running)
        {
            var count = candidate.CutReason is null ? CountOf(candidate.Address) : 0;
            if (count > most)
            {
                (victim, most) = (candidate, count);
            }
        }

        return victim;
    }

    private int CountOf(IPAddress? address)
    {
        var count = 0;
        foreach (var running in _running)
        {
            count += Equals(running.Address, address) && running.CutReason is null ? 1 : 0;
        }

        return count;
    }
}
