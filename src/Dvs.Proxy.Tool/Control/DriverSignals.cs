using System.Runtime.InteropServices;

namespace Dvs.MultiProxyHost.Control;

/// <summary>The SIGTERM that a kernel driver sends to a process when one thread of its pairs ends.</summary>
internal static class DriverSignals
{
    /// <summary>
    /// Keeps a SIGTERM from ending the process by itself. A pair's thread is gone for the kernel a moment after it is for this process, so the
    /// signal may come when whoever else handles signals is disposed of: leave this undisposed until the process ends.
    /// </summary>
    public static IDisposable OutliveThreads() => PosixSignalRegistration.Create(PosixSignal.SIGTERM, static context => context.Cancel = true);
}
