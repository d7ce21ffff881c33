using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Tests.Transport.Tls;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Sockets;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Tests.Transport.Unix;

/// <summary>The contract over sockets that are files.</summary>
public sealed class UnixSocketFileTests : ProxyTransportContract, IDisposable
{
    private readonly SocketFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new UnixSocketTransport();

    protected override TransportEndpoint NewEndpoint() => _folder.NewFile();

    protected override void SkipUnlessAvailable() => SocketFolder.SkipUnlessLinux();
}

/// <summary>The contract over abstract names.</summary>
public sealed class UnixAbstractNameTests : ProxyTransportContract
{
    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new UnixSocketTransport();

    protected override TransportEndpoint NewEndpoint() => AbstractName.NewEndpoint();

    protected override void SkipUnlessAvailable() => SocketFolder.SkipUnlessLinux();
}

/// <summary>The contract with buffers so small that everything has to be split, moved and waited for.</summary>
public sealed class UnixSmallBufferTests : ProxyTransportContract
{
    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OfSockets;

    protected override IProxyTransport CreateTransport() => new UnixSocketTransport(new UnixSocketOptions
    {
        SendBufferSize = 16 * 1024,
        BufferSizes = new SocketBufferSizes { ReadBufferSize = SocketBufferSizes.SmallestReadBufferSize },
    });

    protected override TransportEndpoint NewEndpoint() => AbstractName.NewEndpoint();

    protected override void SkipUnlessAvailable() => SocketFolder.SkipUnlessLinux();
}

/// <summary>TLS wraps it as it does TCP.</summary>
public sealed class TlsOverUnixSocketTests(TlsFilesFixture files) : ProxyTransportContract, IClassFixture<TlsFilesFixture>
{
    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OverTls;

    protected override IProxyTransport CreateTransport() => new TlsTestTransport(new UnixSocketTransport(), files.Credentials);

    protected override TransportEndpoint NewEndpoint() => AbstractName.NewEndpoint();

    protected override void SkipUnlessAvailable() => SocketFolder.SkipUnlessLinux();
}
