using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Transport.Unix;

/// <summary>A folder for sockets, gone in the end.</summary>
internal sealed class SocketFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dvs");

    public string Path => _folder.FullName;

    public static void SkipUnlessLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs Unix-domain sockets of Linux.");

    public TransportEndpoint NewFile() => TransportEndpoint.AtPath(System.IO.Path.Combine(Path, AbstractName.New()));

    public void Dispose() => _folder.Delete(recursive: true);
}
