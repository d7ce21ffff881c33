using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Interop;

/// <summary>The C functions that the kernel device stands on, and the wait for the end of a TCP connection. Linux only.</summary>
internal static unsafe partial class Libc
{
    internal const int OpenReadOnly = 0;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int OpenNonBlocking = 0x800;

    internal const int ErrnoInterrupted = 4;

    internal const int ProtectionReadWrite = 3;
    internal const int MapPrivateAnonymous = 0x22;
    internal const int MapFixedNoReplace = 0x100000;

    // Resolved in the scope of the whole process, as the dynamic linker does for a C program, and not in "the file named libc": that works
    // with any libc, and a preloaded library takes part.
    private const string ProcessScope = "dvk-process-scope";

    static Libc() => NativeLibrary.SetDllImportResolver(typeof(Libc).Assembly, Resolve);

    /// <summary>What the address space of the whole process exports under this name.</summary>
    internal static nint GetFunction(string name) => NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), name);

    [LibraryImport(ProcessScope, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags);

    [LibraryImport(ProcessScope, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    // Declared variadic in C. With one integer or pointer behind the named arguments the calling conventions of Linux pass it the same way.
    [LibraryImport(ProcessScope, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int DeviceControl(SafeHandle device, nuint request, void* argument);

    [LibraryImport(ProcessScope, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    // gettid and tgkill have wrappers only since glibc 2.30, the call by number is there everywhere.
    [LibraryImport(ProcessScope, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint first, nint second, nint third);

    [LibraryImport(ProcessScope, EntryPoint = "sigaction", SetLastError = true)]
    internal static partial int SignalAction(int signal, SignalActionRecord* action, SignalActionRecord* previous);

    [LibraryImport(ProcessScope, EntryPoint = "pthread_sigmask")]
    internal static partial int ThreadSignalMask(int how, SignalSet* set, SignalSet* previous);

    [LibraryImport(ProcessScope, EntryPoint = "sigemptyset")]
    internal static partial int EmptySignalSet(SignalSet* set);

    [LibraryImport(ProcessScope, EntryPoint = "sigaddset")]
    internal static partial int AddToSignalSet(SignalSet* set, int signal);

    [LibraryImport(ProcessScope, EntryPoint = "__libc_current_sigrtmin")]
    internal static partial int LowestRealTimeSignal();

    [LibraryImport(ProcessScope, EntryPoint = "__libc_current_sigrtmax")]
    internal static partial int HighestRealTimeSignal();

    [LibraryImport(ProcessScope, EntryPoint = "mmap", SetLastError = true)]
    internal static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport(ProcessScope, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(void* address, nuint length);

    /// <summary>Kernel id of the calling thread.</summary>
    internal static int GetThreadId() => (int)SystemCall(SystemCallNumbers.GetThreadId, 0, 0, 0);

    /// <summary>Sends <paramref name="signal"/> to one thread of this process; 0 only asks whether it lives.</summary>
    /// <returns>False when there is no such thread.</returns>
    internal static bool SignalThread(int threadId, int signal) =>
        SystemCall(SystemCallNumbers.SignalThread, Environment.ProcessId, threadId, signal) == 0;

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath) =>
        library == ProcessScope ? NativeLibrary.GetMainProgramHandle() : 0;
}

/// <summary>Numbers of the two system calls made by number.</summary>
internal static class SystemCallNumbers
{
    internal static readonly int GetThreadId = Pick(x64: 186, x86: 224, arm: 224, generic: 178);

    internal static readonly int SignalThread = Pick(x64: 234, x86: 270, arm: 268, generic: 131);

    private static int Pick(int x64, int x86, int arm, int generic) => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => x64,
        Architecture.X86 => x86,
        Architecture.Arm or Architecture.Armv6 => arm,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => generic,
        var other => throw new PlatformNotSupportedException($"The kernel device does not know the system call numbers of {other}."),
    };
}

/// <summary><c>sigset_t</c> of glibc and musl: 1,024 bits.</summary>
[InlineArray(Length)]
internal struct SignalSet
{
    public const int Length = 32;

    private uint _first;
}

/// <summary><c>struct sigaction</c> as glibc and musl declare it on x86-64, arm64, arm and riscv64.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SignalActionRecord
{
    public nint Handler;
    public SignalSet Mask;
    public int Flags;
    public nint Restorer;
}
