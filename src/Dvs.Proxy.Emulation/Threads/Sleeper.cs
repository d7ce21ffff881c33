using System.Runtime.InteropServices;

namespace Dvs.Proxy.Emulation.Threads;

/// <summary>How a sleep ended.</summary>
internal enum WakeReason
{
    TimedOut,
    Woken,
    Kicked,
}

/// <summary>
/// Where one thread sleeps. <see cref="Prepare"/>, <see cref="Wake"/> and <see cref="Kick"/> are called with the node's lock held, so a wake
/// cannot slip between the decision to sleep and the sleep; <see cref="Wait"/> is called without it.
/// </summary>
internal sealed unsafe class Sleeper
{
    private const int Woken = 1;
    private const int Kicked = 2;
    private const int Asleep = 4;

    // Pinned, for the kernel needs its address; a cache line, for two threads write it.
    private readonly int[] _memory = GC.AllocateArray<int>(16, pinned: true);
    private readonly int* _word;

    public Sleeper() => _word = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);

    /// <summary>Whether <see cref="Wake"/> came since <see cref="Prepare"/>. With the node's lock held.</summary>
    public bool IsWoken => (Volatile.Read(ref _memory[0]) & Woken) != 0;

    public void Prepare() => Volatile.Write(ref _memory[0], 0);

    /// <summary>What the thread waits for is there.</summary>
    public void Wake() => Set(Woken);

    /// <summary>The thread is to look around: somebody interrupts it.</summary>
    public void Kick() => Set(Kicked);

    /// <summary>Sleeps until woken or kicked. -1 is for ever.</summary>
    public WakeReason Wait(int timeoutMilliseconds)
    {
        var deadline = timeoutMilliseconds < 0 ? long.MaxValue : Environment.TickCount64 + timeoutMilliseconds;
        while (true)
        {
            var state = Interlocked.CompareExchange(ref _memory[0], Asleep, 0);
            if ((state & (Woken | Kicked)) != 0)
            {
                return (state & Woken) != 0 ? WakeReason.Woken : WakeReason.Kicked;
            }

            var remaining = Timeout.Infinite;
            if (deadline != long.MaxValue)
            {
                remaining = (int)(deadline - Environment.TickCount64);
                if (remaining <= 0)
                {
                    return WakeReason.TimedOut;
                }
            }

            Sleep(remaining);
        }
    }

    private void Sleep(int timeoutMilliseconds)
    {
        if (Futex.IsSupported)
        {
            Futex.Wait(_word, Asleep, timeoutMilliseconds);
            return;
        }

        lock (_memory)
        {
            if (Volatile.Read(ref _memory[0]) == Asleep)
            {
                Monitor.Wait(_memory, timeoutMilliseconds);
            }
        }
    }

    private void Set(int bit)
    {
        if ((Interlocked.Or(ref _memory[0], bit) & (Asleep | Woken | Kicked)) != Asleep)
        {
            // Not asleep, or woken before: it will see the bit.
            return;
        }

        if (Futex.IsSupported)
        {
            Futex.Wake(_word);
            return;
        }

        lock (_memory)
        {
            Monitor.Pulse(_memory);
        }
    }
}
