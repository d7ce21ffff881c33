using Dvs.Proxy.Device;

namespace Dvs.Proxy.Emulation.Threads;

/// <summary>A caller's sleep until others have ended: of proxies_unbind and dc_end.</summary>
internal static class EndWait
{
    // A thread can die without a word.
    private const int CheckMilliseconds = 200;

    /// <summary>Sleeps until <paramref name="isOver"/>, which is called with the node's lock held. Without the lock.</summary>
    /// <exception cref="DvkException"><see cref="DvkError.Interrupted"/>.</exception>
    public static void Until(DriverState state, ThreadEntry caller, string attempted, Func<bool> isOver)
    {
        lock (state.Lock)
        {
            state.EndWaiters.Add(caller);
        }

        try
        {
            while (true)
            {
                lock (state.Lock)
                {
                    if (isOver())
                    {
                        return;
                    }

                    if (caller.TakeInterrupt())
                    {
                        throw new DvkException(DvkError.Interrupted, attempted);
                    }

                    caller.Sleeper.Prepare();
                }

                caller.Sleeper.Wait(CheckMilliseconds);
            }
        }
        finally
        {
            lock (state.Lock)
            {
                state.EndWaiters.Remove(caller);
            }
        }
    }
}
