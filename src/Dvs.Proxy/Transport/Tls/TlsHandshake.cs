using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>
/// Puts TLS around a connection: mutual, TLS 1.3 unless 1.2 is allowed, no resumption (so every connection shows certificates anew), no
/// renegotiation. Blocks the caller; aborting the connection ends it. The connection stays the caller's until a
/// <see cref="TlsConnection"/> is returned.
/// </summary>
internal static class TlsHandshake
{
    /// <summary>The side that connected.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="credentials">Our certificate and authorities.</param>
    /// <param name="allowTls12">Accept TLS 1.2.</param>
    /// <param name="serverName">The name we ask for.</param>
    /// <param name="checkNames">What is wrong with the names of the peer's certificate, or null.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ProxyTransportException">It failed; the message says why, without naming the peer.</exception>
    internal static TlsResult AsClient(
        ProxyConnection connection, TlsCredentials credentials, bool allowTls12, string serverName,
            Func<CertificateNames, string?> checkNames, TimeProvider time)
    {
        var check = new PeerCertificateCheck(checkNames, credentials.Files.Authorities, peerIsClient: false, time.GetUtcNow());
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            ClientCertificateContext = credentials.Context,
            EnabledSslProtocols = Protocols(allowTls12),
            CertificateChainPolicy = credentials.CreateChainPolicy(),
            RemoteCertificateValidationCallback = check.Verify,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        return Run(connection, check, tls => tls.AuthenticateAsClient(options), isClient: true, credentials, time);
    }

    /// <summary>The side that accepted. As <see cref="AsClient"/>.</summary>
    internal static TlsResult AsServer(
        ProxyConnection connection, TlsCredentials credentials, bool allowTls12, Func<CertificateNames, string?> checkNames, TimeProvider time)
    {
        var check = new PeerCertificateCheck(checkNames, credentials.Files.Authorities, peerIsClient: true, time.GetUtcNow());
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = credentials.Context,
            ClientCertificateRequired = true,
            EnabledSslProtocols = Protocols(allowTls12),
            CertificateChainPolicy = credentials.CreateChainPolicy(),
            RemoteCertificateValidationCallback = check.Verify,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        return Run(connection, check, tls => tls.AuthenticateAsServer(options), isClient: false, credentials, time);
    }

    private static SslProtocols Protocols(bool allowTls12) => allowTls12 ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13;

    private static TlsResult Run(
        ProxyConnection connection, PeerCertificateCheck check, Action<SslStream> authenticate, bool isClient, TlsCredentials credentials, TimeProvider time)
    {
        var stream = new ConnectionStream(connection);
        SslStream? tls = new(stream, leaveInnerStreamOpen: true);
        try
        {
            authenticate(tls);
            Func<string>? ownProblem = isClient ? () => OwnExpiry(credentials, time) : null;
            var status = new TlsStatus
            {
                Protocol = $"{tls.SslProtocol} {tls.NegotiatedCipherSuite}",
                PeerSubject = check.PeerSubject,
                PeerExpires = check.PeerExpires,
            };
            var result = new TlsResult(
                new TlsConnection(connection, tls, stream, ownProblem, time) { Status = status },
                status.Protocol, check.PeerName, CertificateText.Date(check.PeerExpires));
            tls = null;
            return result;
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException or CryptographicException or InvalidOperationException
            or System.ComponentModel.Win32Exception)
        {
            var ownExpiry = OwnExpiry(credentials, time);
            var message = $"{Explain(failure, check, stream)}{ownExpiry}.";
            throw check.Failure is not null || ownExpiry.Length > 0 || TlsFailureText.IsOfCertificate(failure)
                ? new CertificateRefusedException(message, failure)
                : new ProxyTransportException(message, failure);
        }
        finally
        {
            tls?.Dispose();
        }
    }

    private static string Explain(Exception failure, PeerCertificateCheck check, ConnectionStream stream)
    {
        if (check.Failure is { } refused)
        {
            return refused;
        }

        return stream.HasEnded || (failure is IOException && failure.InnerException is IOException or System.Net.Sockets.SocketException)
            ? TlsFailureText.EndedInHandshake
            : TlsFailureText.Of(failure);
    }

    /// <summary>If our own certificate has expired since it was loaded, that is very likely the reason.</summary>
    private static string OwnExpiry(TlsCredentials credentials, TimeProvider time) =>
        CertificateText.DescribeValidity(credentials.Certificate, time.GetUtcNow()) is { } problem
            ? $"; our own certificate ({credentials.Files.Certificate}) {problem}"
            : "";
}

/// <summary>A connection after its handshake.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Protocol">Version and cipher, for the log.</param>
/// <param name="PeerName">Whom the peer's certificate is for, for the log.</param>
/// <param name="PeerExpires">When the peer's certificate expires, for the log.</param>
internal sealed record TlsResult(TlsConnection Connection, string Protocol, string PeerName, string PeerExpires);
