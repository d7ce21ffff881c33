namespace Dvs.Proxy.Tests.Faults;

/// <summary>Counts the faults that really happened. Thread-safe.</summary>
internal sealed class FaultLog
{
    private readonly int[] _counts = new int[Enum.GetValues<FaultKind>().Length];

    public int this[FaultKind kind] => Volatile.Read(ref _counts[(int)kind]);

    public int Total => _counts.Sum();

    public void Add(FaultKind kind, int count = 1) => Interlocked.Add(ref _counts[(int)kind], count);

    public void Add(FaultLog other)
    {
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            Add(kind, other[kind]);
        }
    }

    public override string ToString() =>
        string.Join(", ", Enum.GetValues<FaultKind>().Where(kind => this[kind] > 0).Select(kind => $"{kind} {this[kind]}"));
}
