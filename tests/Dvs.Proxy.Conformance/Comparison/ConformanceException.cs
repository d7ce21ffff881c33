namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>Steps that may differ from the recording, and why.</summary>
/// <param name="Section">Letter of the section.</param>
/// <param name="First">First step.</param>
/// <param name="Last">Last step.</param>
/// <param name="Targets">On which drivers.</param>
/// <param name="Reason">Why, for the documentation.</param>
internal sealed record ConformanceException(string Section, int First, int Last, ConformanceTarget Targets, string Reason)
{
    public string Steps => First == Last ? $"{Section}.{First:00}" : $"{Section}.{First:00}-{Section}.{Last:00}";

    public bool Covers(ConformanceTarget target, string section, int step) =>
        (Targets & target) != 0 && Section == section && step >= First && step <= Last;
}
