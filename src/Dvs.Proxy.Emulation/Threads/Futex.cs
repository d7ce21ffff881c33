using System.Runtime.InteropServices;

namespace Dvs.Proxy.Emulation.Threads;

/// <summary>
/// Linux's own way to sleep on a word of memory. A wake over it reaches the sleeper several times sooner than one over a monitor, and
/// every message between two processes is two wakes.
/// </summary>
internal static unsafe partial class Futex
{
    private const nint WaitPrivate = 0 | 128;
    private const nint WakePrivate = 1 | 128;

    // 32-bit systems disagree on the width of time; they take the other way.
    private static readonly nint CallNumber = !OperatingSystem.IsLinux() ? 0 : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

    public static bool IsSupported => CallNumber != 0;

    /// <summary>Sleeps while the word holds <paramref name="expected"/>, at most so long (-1: for ever). May return early for no reason.</summary>
    public static void Wait(int* word, int expected, int timeoutMilliseconds)
    {
        if (timeoutMilliseconds < 0)
        {
            _ = SystemCall(CallNumber, word, WaitPrivate, expected, null, 0, 0);
            return;
        }

        var timeout = new TimeSpec { Seconds = timeoutMilliseconds / 1_000, Nanoseconds = timeoutMilliseconds % 1_000 * 1_000_000L };
        _ = SystemCall(CallNumber, word, WaitPrivate, expected, &timeout, 0, 0);
    }

    /// <summary>Wakes one that sleeps on the word.</summary>
    public static void Wake(int* word) => _ = SystemCall(CallNumber, word, WakePrivate, 1, null, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, int* word, nint operation, nint value, TimeSpec* timeout, nint unused, nint unusedToo);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
