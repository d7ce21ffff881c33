using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Dvs.Proxy.Tool.Streams;
using Microsoft.Win32.SafeHandles;

namespace Dvs.Proxy.Tool.Control;

/// <summary>
/// The right to make and remove a socket's file in a folder, which one process at a time has. It is a lock on the folder itself (<c>flock</c>),
/// so it leaves no file behind and ends with its process, however that ends. Any thread. Behaviour: StatusSocketTests.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly SafeFileHandle _folder;

    private FolderLock(SafeFileHandle folder) => _folder = folder;

    /// <summary>Takes it, waiting for whoever has it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="fault">Why it could not be taken.</param>
    /// <returns>Null if it could not be taken.</returns>
    public static FolderLock? TryTake(string folder, TimeSpan limit, out string fault)
    {
        fault = "";
        var started = Stopwatch.GetTimestamp();
        var descriptor = Libc.Open(Encoding.UTF8.GetBytes($"{folder}\0"), Libc.OpenReadOnly | Libc.OpenCloseOnExec);
        if (descriptor < 0)
        {
            fault = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        while (Libc.LockDescriptor(descriptor, Libc.LockExclusive | Libc.LockWithoutWaiting) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if ((error != Libc.ErrnoWouldBlock && error != Libc.ErrnoInterrupted) || Stopwatch.GetElapsedTime(started) >= limit)
            {
                fault = error == Libc.ErrnoWouldBlock ? "another process has locked it" : Marshal.GetPInvokeErrorMessage(error);
                handle.Dispose();
                return null;
            }

            Thread.Sleep(PollInterval);
        }

        return new FolderLock(handle);
    }

    /// <summary>Gives it to the next one.</summary>
    public void Dispose() => _folder.Dispose();
}
