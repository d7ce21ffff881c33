namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>A TLS handshake failed for a certificate: ours refused the peer's, or the peer ours.</summary>
internal sealed class CertificateRefusedException(string message, Exception innerException) : ProxyTransportException(message, innerException);
