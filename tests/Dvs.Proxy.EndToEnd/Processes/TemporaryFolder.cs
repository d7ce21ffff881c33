namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>A folder of one test; its path is short enough for Unix sockets.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("dvs-e2e-").FullName;

    public override string ToString() => _path;

    public string this[string name] => Path.Combine(_path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
