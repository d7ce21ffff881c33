using System.Globalization;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Emulation.Threads;

/// <summary>Thread identity as the kernel driver sees it: the Linux thread id. Elsewhere the runtime's own thread number stands in.</summary>
internal static partial class LinuxThreads
{
    [ThreadStatic]
    private static int _id;

    [ThreadStatic]
    private static object? _token;

    /// <summary>Id of the calling thread.</summary>
    public static int CurrentId => _id != 0 ? _id : _id = OperatingSystem.IsLinux() ? GetThreadId() : Environment.CurrentManagedThreadId;

    /// <summary>An object that no other thread, earlier or later, shares: tells a reused thread id from the thread that had it before.</summary>
    public static object CurrentToken => _token ??= new object();

    /// <summary>Whether a thread of this process has that id. Unknown off Linux: taken for alive.</summary>
    public static bool IsAlive(int id) => id > 0
        && (!OperatingSystem.IsLinux() || Directory.Exists("/proc/self/task/" + id.ToString(CultureInfo.InvariantCulture)));

    /// <summary>
    /// The name the kernel knows a thread of this process by (its comm), at most 15 bytes; the program's where there is none to read.
    /// </summary>
    public static string NameOf(int id)
    {
        try
        {
            return File.ReadAllText("/proc/self/task/" + id.ToString(CultureInfo.InvariantCulture) + "/comm").TrimEnd('\n');
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Names.OfThisProcess;
        }
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();
}
