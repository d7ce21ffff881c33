using System.Runtime.InteropServices;

namespace Dvs.Proxy.Benchmarks.Driver;

/// <summary>The memory shared with the driver of one node (<c>control_t</c> of <c>load.c</c>).</summary>
internal sealed class LoadControl : IDisposable
{
    private const int Size = 384;
    private const int SystemCall = 16;
    private const int IsOpen = 20;
    private const int FetchedPlace = 64;
    private const int DeliveredPlace = 128;
    private const int WrongPlace = 192;
    private const int Token = 256;

    private readonly System.IO.MemoryMappedFiles.MemoryMappedFile _file;
    private readonly System.IO.MemoryMappedFiles.MemoryMappedViewAccessor _view;

    public LoadControl(string path, int node, int peer, LoadShape shape)
    {
        Path = path;
        _file = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(path, FileMode.CreateNew, null, Size);
        _view = _file.CreateViewAccessor();
        int[] words = [node, peer, (int)shape, node == 0 ? 1 : 0];
        _view.WriteArray(0, words, 0, words.Length);
        _view.Write(Token, shape == LoadShape.Ping && node == 0 ? 1 : 0);
    }

    public string Path { get; }

    public long Fetched => _view.ReadInt64(FetchedPlace);

    public long Delivered => _view.ReadInt64(DeliveredPlace);

    public long Wrong => _view.ReadInt64(WrongPlace);

    /// <summary>Lets commands flow, or no more.</summary>
    public unsafe void Set(bool isOpen, bool makesSystemCalls)
    {
        _view.Write(SystemCall, makesSystemCalls ? 1 : 0);
        byte* memory = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref memory);
        Volatile.Write(ref *(int*)(memory + IsOpen), isOpen ? 1 : 0);
        WakeAll(memory + IsOpen);
        WakeAll(memory + Token);
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(Path);
    }

    private static unsafe void WakeAll(byte* word)
    {
        const int Wake = 1;
        _ = SystemCallByNumber(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98, (nint)word, Wake, int.MaxValue, 0, 0, 0);
    }

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint SystemCallByNumber(nint number, nint word, nint operation, nint value, nint time, nint other, nint last);
}
