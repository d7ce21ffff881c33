using System.IO.MemoryMappedFiles;
using System.Text;

namespace Dvs.Proxy.Fuzz.Engine;

/// <summary>Says on disk which input every worker is at, for the case that the process dies of one. A file mapped into memory: what was
/// written is there even then.</summary>
public sealed class FuzzJournal : IDisposable
{
    private const int NameLength = 32;
    private const int SeedOffset = NameLength;
    private const int CountOffset = SeedOffset + sizeof(ulong);
    private const int FirstWorker = CountOffset + sizeof(long);
    private const int MostWorkers = 128;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    /// <summary>A journal of a run.</summary>
    public FuzzJournal(string path, string target, ulong seed, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, MostWorkers);
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, FirstWorker + (MostWorkers * sizeof(long)));
        _view = _file.CreateViewAccessor();
        var name = new byte[NameLength];
        Encoding.ASCII.GetBytes(target, name);
        _view.WriteArray(0, name, 0, name.Length);
        _view.Write(SeedOffset, seed);
        _view.Write(CountOffset, (long)workers);
    }

    /// <summary>The worker begins an input.</summary>
    public void Begin(int worker, long index) => _view.Write(FirstWorker + (worker * sizeof(long)), index);

    /// <summary>What a journal says: the inputs that were at work.</summary>
    public static (string Target, ulong Seed, long[] Indexes) Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var workers = (int)BitConverter.ToInt64(bytes, CountOffset);
        return (
            Encoding.ASCII.GetString(bytes, 0, NameLength).TrimEnd('\0'),
            BitConverter.ToUInt64(bytes, SeedOffset),
            [.. Enumerable.Range(0, workers).Select(worker => BitConverter.ToInt64(bytes, FirstWorker + (worker * sizeof(long))))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
