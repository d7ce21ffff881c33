using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// How a driver puts a proxy thread to sleep and wakes it: a futex, which costs what a wait queue in the kernel costs. One sleeper, any
/// number of wakers; a wake-up that finds nobody asleep ends the next sleep.
/// </summary>
internal sealed unsafe partial class WakeUp
{
    private const int WaitPrivate = 128;
    private const int WakePrivate = 129;
    private static readonly nint Number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    private readonly long _spinTicks;
    private readonly int[] _keepAlive;
    private readonly int* _word; // pinned, on a cache line of its own

    /// <param name="spin">How long to look before falling asleep.</param>
    public WakeUp(TimeSpan spin)
    {
        _spinTicks = (long)(spin.TotalSeconds * Stopwatch.Frequency);
        var line = GC.AllocateArray<int>(64, pinned: true);
        _keepAlive = line;
        _word = (int*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref line[24]);
    }

    /// <summary>Wakes the sleeper.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref *_word, 1) == 0)
        {
            _ = Futex(Number, _word, WakePrivate, 1, null, 0, 0);
        }
    }

    /// <summary>Sleeps until woken or the time is up; may also return for no reason.</summary>
    /// <param name="milliseconds">-1 for ever.</param>
    public void Wait(int milliseconds)
    {
        if (Interlocked.Exchange(ref *_word, 0) != 0 || Spin())
        {
            return;
        }

        var time = new TimeSpec { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000 };
        _ = Futex(Number, _word, WaitPrivate, 0, milliseconds < 0 ? null : &time, 0, 0);
        Interlocked.Exchange(ref *_word, 0);
        GC.KeepAlive(_keepAlive);
    }

    private bool Spin()
    {
        if (_spinTicks == 0)
        {
            return false;
        }

        var until = Stopwatch.GetTimestamp() + _spinTicks;
        while (Stopwatch.GetTimestamp() < until)
        {
            if (Volatile.Read(ref *_word) != 0 && Interlocked.Exchange(ref *_word, 0) != 0)
            {
                return true;
            }

            Thread.SpinWait(5);
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Futex(nint number, int* word, nint operation, nint value, TimeSpec* time, nint word2, nint value3);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
