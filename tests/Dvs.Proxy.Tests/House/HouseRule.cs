namespace Dvs.Proxy.Tests.House;

/// <summary>Faults that a rule of the house found, one per line: xunit cuts short what it prints of a collection.</summary>
internal static class HouseRule
{
    public static void AssertKept(IEnumerable<string> found)
    {
        var faults = found.ToArray();
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }
}
