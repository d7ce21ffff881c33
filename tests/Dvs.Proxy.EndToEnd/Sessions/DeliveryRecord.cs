using System.IO.MemoryMappedFiles;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>What a node was given, in a mapped file: it outlives its process, whatever that one dies of. One thread writes, others read.</summary>
internal sealed class DeliveryRecord : IDisposable
{
    private const int Size = 4_096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly HashSet<long> _leftOut = []; // a few; where it is many, the test has failed anyway

    public DeliveryRecord(string path)
    {
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        _file = MemoryMappedFile.CreateFromFile(stream, null, Size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Size);
    }

    private enum Field
    {
        Total,
        First,
        Last,
        Repeated,
        Skipped,
        Damaged,
        Reordered,
    }

    /// <summary>Commands given, whatever their numbers. Behind <see cref="Last"/> by one if the process died between the two.</summary>
    public long Total => this[Field.Total];

    /// <summary>The first number given; 0 for none.</summary>
    public long First => this[Field.First];

    /// <summary>The highest number given; 0 for none.</summary>
    public long Last => this[Field.Last];

    /// <summary>Numbers given that had been given before.</summary>
    public long Repeated => this[Field.Repeated];

    /// <summary>Numbers given that had been left out before.</summary>
    public long Reordered => this[Field.Reordered];

    /// <summary>Times that numbers were left out: lost, or out of order.</summary>
    public long Skipped => this[Field.Skipped];

    /// <summary>Commands whose content was not that of their number.</summary>
    public long Damaged => this[Field.Damaged];

    /// <summary>How many different commands were given, if none was repeated or skipped. Exact even after a kill: it follows from single writes.</summary>
    public long Delivered => Last == 0 ? 0 : Last - First + 1;

    private long this[Field field]
    {
        get => _view.ReadInt64((int)field * sizeof(long));
        set => _view.Write((int)field * sizeof(long), value);
    }

    public void Add(long number, bool isIntact)
    {
        var last = Last;
        if (!isIntact)
        {
            this[Field.Damaged]++;
        }

        if (last == 0)
        {
            this[Field.First] = number;
        }
        else if (number <= last)
        {
            this[_leftOut.Remove(number) ? Field.Reordered : Field.Repeated]++;
        }
        else if (number != last + 1)
        {
            this[Field.Skipped]++;
            _leftOut.UnionWith(MissingBetween(last, number));
        }

        this[Field.Last] = Math.Max(last, number);
        this[Field.Total]++;
    }

    public override string ToString() => $"{Total} given, {First} to {Last}, {Repeated} repeated, {Reordered} reordered, {Skipped} skipped, {Damaged} damaged";

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static IEnumerable<long> MissingBetween(long last, long number)
    {
        const int Most = 1 << 20;
        for (var missing = Math.Max(last + 1, number - Most); missing < number; missing++)
        {
            yield return missing;
        }
    }
}
