namespace Dvs.Proxy.Conformance.Traces;

/// <summary>Writes a raw trace, line by line, so that nothing is missing when a driver never comes back.</summary>
internal sealed class TraceRecorder(TextWriter output)
{
    private readonly Lock _lock = new();

    public void Comment(string text) => Write($"# {text}");

    public void BeginSection(string name) => Write($"== {name}");

    public void EndSection() => Write("== end");

    public void Record(string section, TraceStep step) => Write($"{section}.{step.Number:00} {step}");

    public void RecordTermination() => Write("   (SIGTERM arrived)");

    private void Write(string line)
    {
        lock (_lock)
        {
            output.Write(line + "\n");
            output.Flush();
        }
    }
}
