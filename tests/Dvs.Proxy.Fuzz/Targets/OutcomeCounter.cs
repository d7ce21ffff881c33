namespace Dvs.Proxy.Fuzz.Targets;

/// <summary>Counts outcomes that are values of an enum, without allocation.</summary>
internal sealed class OutcomeCounter<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private readonly long[] _counts = new long[Values.Length];

    public void Count(T outcome) => _counts[Array.IndexOf(Values, outcome)]++;

    public IEnumerable<KeyValuePair<string, long>> NonZero =>
        Values.Zip(_counts).Where(static item => item.Second > 0).Select(static item => KeyValuePair.Create(item.First.ToString(), item.Second));
}
