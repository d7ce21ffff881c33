using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dvs.Proxy.Interop;
using Microsoft.Win32.SafeHandles;

namespace Dvs.Proxy.Device.Kernel.Calls;

/// <summary>
/// An open <c>/dev/dvk</c>. A call in progress keeps the descriptor open, so it cannot be given to another file under its feet.
/// </summary>
/// <remarks>
/// Calls of a <see cref="CallerThread"/> count nothing, for a count is two locked operations a call. The thread says which descriptor it uses, then looks
/// whether the device is disposed; the disposer first marks it, then looks who uses it. Where somebody does, the last one to leave closes. It is the
/// protocol of <see cref="CallerThread"/>, and the barrier on the rare side is what makes plain stores enough on the frequent one.
/// </remarks>
internal sealed unsafe class DvkHandle() : SafeHandleMinusOneIsInvalid(true)
{
    // The same function as Libc's, here where native code finds it without asking first whether it has been looked up.
    private readonly delegate* unmanaged<int, nuint, void*, int> _deviceControl = (delegate* unmanaged<int, nuint, void*, int>)Libc.GetFunction("ioctl");
    private volatile bool _isDisposed;

    /// <summary>Opens the device.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="errno">Why not, when null is returned.</param>
    internal static DvkHandle? TryOpen(string path, out int errno)
    {
        while (true)
        {
            var descriptor = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec);
            errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (descriptor >= 0)
            {
                var handle = new DvkHandle();
                handle.SetHandle(descriptor);
                return handle;
            }

            if (errno != Libc.ErrnoInterrupted)
            {
                return null;
            }
        }
    }

    /// <summary>One call of the driver, on any thread.</summary>
    /// <returns>What the call returned, or minus errno.</returns>
    /// <exception cref="ObjectDisposedException">The device was closed.</exception>
    internal int Call(uint request, void* argument)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var result = Libc.DeviceControl(this, request, argument);
        return result >= 0 ? result : -Marshal.GetLastPInvokeError();
    }

    /// <summary>A call that does not sleep for long: made again when a signal ended it.</summary>
    internal int CallToEnd(uint request, void* argument)
    {
        int result;
        do
        {
            result = Call(request, argument);
        }
        while (result == -Libc.ErrnoInterrupted);

        return result;
    }

    /// <summary>
    /// A call that may sleep, and which <see cref="CallerThread.Interrupt(int)"/> ends with minus EINTR.
    /// </summary>
    /// <param name="request">Number of the call.</param>
    /// <param name="argument">Its argument.</param>
    /// <param name="timeout">The time-out within the argument; shortened when the call is repeated.</param>
    /// <param name="repeat">Whether a signal that was nobody's request is to be overlooked. Only for calls that have no effect until they return.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int CallBlocking(uint request, void* argument, nint* timeout, bool repeat)
    {
        // Where it cannot sleep, an interrupt waits for a call that can.
        var thread = CallerThread.Current;
        return *timeout == 0 ? CallToEnd(thread, request, argument, repeat) : CallSleeping(thread, request, argument, timeout, repeat);
    }

    /// <summary>
    /// A call of a thread that <see cref="CallerThread.Interrupt(int)"/> knows, but which does not sleep: it ends with minus EINTR only
    /// where the driver kept it and a request has come.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int CallToEnd(CallerThread thread, uint request, void* argument, bool repeat)
    {
        thread.Enter((int)handle);
        var result = CallEntered(thread, request, argument);
        return result == -Libc.ErrnoInterrupted ? CallAgain(thread, request, argument, repeat) : result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            base.Dispose(disposing);
            return;
        }

        _isDisposed = true;
        CloseUnlessInUse();
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    private int CallSleeping(CallerThread thread, uint request, void* argument, nint* timeout, bool repeat)
    {
        var end = *timeout > 0 ? Environment.TickCount64 + *timeout : 0;
        while (thread.TryEnter((int)handle))
        {
            var result = CallEntered(thread, request, argument);
            if (result != -Libc.ErrnoInterrupted || thread.TryAcknowledge() || !repeat)
            {
                return result;
            }

            if (*timeout > 0 && (*timeout = (nint)(end - Environment.TickCount64)) <= 0)
            {
                return (int)DvkError.TimedOut;
            }
        }

        return -Libc.ErrnoInterrupted;
    }

    // A signal ended the call.
    private int CallAgain(CallerThread thread, uint request, void* argument, bool repeat)
    {
        var result = -Libc.ErrnoInterrupted;
        while (result == -Libc.ErrnoInterrupted && !thread.TryAcknowledge() && repeat)
        {
            thread.Enter((int)handle);
            result = CallEntered(thread, request, argument);
        }

        return result;
    }

    // errno is read on the way back, and only after a failure, as the stubs read it that the runtime generates for SetLastError: what the runtime does
    // between the driver's return and here, a wait for the collector, leaves errno as it was. Nothing has to clear it before: -1 always sets it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int CallEntered(CallerThread thread, uint request, void* argument)
    {
        if (_isDisposed)
        {
            ThrowDisposed(thread);
        }

        var result = _deviceControl((int)handle, request, argument);
        if (result < 0)
        {
            result = -Marshal.GetLastSystemError();
        }

        Leave(thread);
        return result;
    }

    private void Leave(CallerThread thread)
    {
        thread.Leave();
        if (_isDisposed)
        {
            CloseUnlessInUse();
        }
    }

    [DoesNotReturn]
    private void ThrowDisposed(CallerThread thread)
    {
        Leave(thread);
        throw new ObjectDisposedException(nameof(KernelDvkDevice));
    }

    // Whoever enters after the barrier sees that the device is disposed, and whoever entered before is seen here; closing twice does nothing.
    private void CloseUnlessInUse()
    {
        Interlocked.MemoryBarrierProcessWide();
        if (!CallerThread.IsInUse((int)handle))
        {
            base.Dispose(true);
        }
    }
}
