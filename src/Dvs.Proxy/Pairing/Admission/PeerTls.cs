using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Pairing.Admission;

/// <summary>TLS with one peer, in both directions: what it takes and who the peer is. Thread-safe. Behaviour: TlsPairTests.</summary>
internal sealed class PeerTls(ResolvedTls settings, TlsIdentity identity, TimeProvider time)
{
    /// <summary>Whether plain connections from the peer are refused.</summary>
    public bool IsRequired => settings.RequireWhenAccepting;

    /// <summary>Whether our connections to the peer use TLS.</summary>
    public bool IsUsedToConnect => settings.UseWhenConnecting;

    /// <summary>Whether TLS 1.2 will do.</summary>
    public bool AllowTls12 => settings.AllowTls12;

    /// <summary>Our files.</summary>
    public TlsIdentity Identity => identity;

    /// <summary>Subject of our certificate, as the last look at the files found it.</summary>
    public string OwnSubject => CertificateText.SubjectOf(identity.Latest.Certificate);

    /// <summary>When it expires.</summary>
    public DateTimeOffset OwnExpires => identity.Latest.Certificate.NotAfter.ToUniversalTime();

    /// <summary>The names of the peer, any of which will do, for messages.</summary>
    public string ExpectedNames => string.Join(" or ", settings.PeerNames.Select(static name => $"\"{name}\""));

    /// <summary>Whether a certificate with these names is the peer's.</summary>
    public bool Matches(CertificateNames names)
    {
        foreach (var name in settings.PeerNames)
        {
            if (names.Carries(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts TLS around a connection that we made. Blocks; the token ends it.</summary>
    /// <exception cref="ProxyTransportException">It failed, or took too long; the connection is the caller's.</exception>
    /// <exception cref="OperationCanceledException">The token came first.</exception>
    public TlsResult Connect(ProxyConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            using (cancellationToken.UnsafeRegister(static state => ((ProxyConnection)state!).Abort(), connection))
            {
                return TlsHandshake.AsClient(connection, identity.Current(), settings.AllowTls12, settings.PeerNames[0], Check, time);
            }
        }
        catch (ProxyTransportException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private string? Check(CertificateNames names) => Matches(names) ? null : $"its certificate is for {names}; expected {ExpectedNames}";
}
