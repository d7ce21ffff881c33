using System.Runtime.InteropServices;

namespace Dvs.Proxy.Tool.Control;

/// <summary>The SIGTERM that a kernel driver sends to a process when one thread of its pairs ends. Any thread.</summary>
internal static class DriverSignals
{
    // Held, because a registration that is collected is none any more.
    private static PosixSignalRegistration? _untilTheEnd;

    /// <summary>
    /// Keeps a SIGTERM from ending the process by itself, until it ends. A pair's thread is gone for the kernel a moment after it is for this
    /// process, so the signal may come when whoever else handles signals is disposed of.
    /// </summary>
    public static void OutliveThreads() =>
        _untilTheEnd ??= PosixSignalRegistration.Create(PosixSignal.SIGTERM, static context => context.Cancel = true);
}
