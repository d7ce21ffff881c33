using System.Runtime.InteropServices;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>The C functions that the host needs beside the runtime: the console's streams as they are, and whose a file is.</summary>
internal static class Libc
{
    public const int ErrnoInterrupted = 4;
    public const int ErrnoBadDescriptor = 9;
    public const int ErrnoBrokenPipe = 32;
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int LockExclusive = 2;
    public const int LockWithoutWaiting = 4;
    public const int GetDescriptorFlags = 1;
    public const int CloseOnExec = 1;
    public const short PollOutput = 4;

    /// <summary>EAGAIN has not the same number everywhere.</summary>
    public static readonly int ErrnoWouldBlock = OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>O_CLOEXEC has not the same number everywhere.</summary>
    public static readonly int OpenCloseOnExec = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    private const string Name = "libc";

    // In the scope of the whole process: that works with any libc, and without a file of that name.
    static Libc() => NativeLibrary.SetDllImportResolver(
        typeof(Libc).Assembly, static (name, _, _) => name == Name ? NativeLibrary.GetMainProgramHandle() : 0);

    [DllImport(Name, EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern nint Write(int descriptor, ref readonly byte buffer, nuint count);

    [DllImport(Name, EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [DllImport(Name, EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int ControlDescriptor(int descriptor, int command);

    [DllImport(Name, EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Open(byte[] path, int flags);

    [DllImport(Name, EntryPoint = "flock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int LockDescriptor(int descriptor, int operation);

    [DllImport(Name, EntryPoint = "isatty", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int IsTerminal(int descriptor);

    [DllImport(Name, EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern uint GetEffectiveUserId();

    [DllImport(Name, EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int ReadFileStatus(int folder, byte[] path, int flags, uint mask, byte[] status);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
