using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Tcp;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>One pair of files for the whole suite.</summary>
public sealed class TlsFilesFixture : IDisposable
{
    private readonly TestPki _pki = new();

    public TlsFilesFixture() => Credentials = _pki.Load(_pki.IssueFiles("node"));

    internal TlsCredentials Credentials { get; }

    public void Dispose() => _pki.Dispose();
}

/// <summary>What the proxy relies on, over TLS over TCP.</summary>
public sealed class TlsOverTcpTests(TlsFilesFixture files) : HostTransportContract, IClassFixture<TlsFilesFixture>
{
    protected override string Host => "127.0.0.1";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OverTls;

    protected override IProxyTransport CreateTransport() => new TlsTestTransport(new TcpTransport(), files.Credentials);
}

/// <summary>The same with TLS 1.2 allowed and IPv6.</summary>
public sealed class TlsOverIPv6Tests(TlsFilesFixture files) : HostTransportContract, IClassFixture<TlsFilesFixture>
{
    protected override string Host => "::1";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OverTls;

    protected override IProxyTransport CreateTransport() => new TlsTestTransport(new TcpTransport(), files.Credentials, allowTls12: true);

    protected override void SkipUnlessAvailable() => Assert.SkipUnless(Tcp.IPv6.IsAvailable, Tcp.IPv6.Reason);
}

/// <summary>TLS wraps any transport.</summary>
public sealed class TlsInMemoryTests(TlsFilesFixture files) : HostTransportContract, IClassFixture<TlsFilesFixture>
{
    protected override string Host => "node0";

    protected override IReadOnlyCollection<Type> Abilities => TransportAbilities.OverTls;

    protected override IProxyTransport CreateTransport() => new TlsTestTransport(new InMemoryTransport(), files.Credentials);
}
