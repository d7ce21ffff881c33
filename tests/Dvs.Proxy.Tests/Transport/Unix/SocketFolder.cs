using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Transport.Unix;

/// <summary>A folder for sockets, gone in the end; and names that nobody else has.</summary>
internal sealed class SocketFolder : IDisposable
{
    private static int _lastName;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dvs");

    public string Path => _folder.FullName;

    public static void SkipUnlessLinux() => Skip.IfNot(OperatingSystem.IsLinux(), "Needs Unix-domain sockets of Linux.");

    public static TransportEndpoint NewAbstractName() => TransportEndpoint.AtPath($"@{NewName()}");

    public TransportEndpoint NewFile() => TransportEndpoint.AtPath(System.IO.Path.Combine(Path, NewName()));

    public void Dispose() => _folder.Delete(recursive: true);

    private static string NewName() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"dvs-test-{Environment.ProcessId}-{Interlocked.Increment(ref _lastName)}");
}
