using System.Runtime.InteropServices;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// The signal that ends a sleep in the driver. It must have a handler, or it would end the process; the handler must do nothing; and it
/// must not be one the runtime, the C library or the host uses.
/// </summary>
/// <remarks>
/// The handler is libc's <c>abs</c>: a machine function that takes the signal number, touches no memory, takes no lock, leaves errno alone and returns.
/// A managed handler would be a mistake, because the signal may come while the thread holds locks of the runtime, and then no managed
/// code may run. There is no SA_RESTART, so system calls other than the driver's end with EINTR too.
/// </remarks>
internal static unsafe class InterruptSignal
{
    private const int DefaultAction = 0;
    private const int Unblock = 1;

    /// <summary>Real-time signals below this offset are the ones that runtimes and init systems like best.</summary>
    private const int FirstOffset = 8;

    /// <summary>The signal's number; its handler stands once this was read.</summary>
    internal static int Number { get; } = Install();

    /// <summary>Lets the signal through to the calling thread: a thread inherits the mask of the one that started it.</summary>
    internal static void UnblockForCurrentThread()
    {
        SignalSet set;
        _ = Libc.EmptySignalSet(&set);
        _ = Libc.AddToSignalSet(&set, Number);
        _ = Libc.ThreadSignalMask(Unblock, &set, null);
    }

    private static int Install()
    {
        for (var signal = Libc.LowestRealTimeSignal() + FirstOffset; signal < Libc.HighestRealTimeSignal(); signal++)
        {
            SignalActionRecord present;
            if (Libc.SignalAction(signal, null, &present) != 0 || present.Handler != DefaultAction)
            {
                continue;
            }

            SignalActionRecord action = default;
            action.Handler = Libc.GetFunction("abs");
            if (Libc.SignalAction(signal, &action, null) == 0)
            {
                return signal;
            }
        }

        throw new DvkUnavailableException(
            DvkUnavailableReason.Other,
            DvkError.ResourceBusy,
            "find a free real-time signal",
            $"A blocked driver call is ended by a signal, and all real-time signals of this process are taken (last error "
                + $"{Marshal.GetLastPInvokeErrorMessage()}).");
    }
}
