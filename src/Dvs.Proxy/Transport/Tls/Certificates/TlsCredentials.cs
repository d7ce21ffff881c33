using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>The contents of a node's TLS files, ready for handshakes. Immutable, thread-safe. Not disposed: a handshake may still use what
/// was replaced, so the garbage collector frees it.</summary>
internal sealed class TlsCredentials
{
    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _intermediates = [];

    /// <param name="chain">The node's certificate with its key, then those between it and its authority.</param>
    /// <param name="authorities">The authorities; those that are not self-signed help to build chains, but are trusted only through one that is.</param>
    /// <param name="files">Where they came from.</param>
    internal TlsCredentials(X509Certificate2Collection chain, X509Certificate2Collection authorities, TlsFiles files)
    {
        Files = files;
        Certificate = chain[0];
        _intermediates.AddRange(chain.Skip(1).ToArray());
        foreach (var authority in authorities)
        {
            (IsSelfIssued(authority) ? _roots : _intermediates).Add(authority);
        }

        // Offline: a handshake must not wait for a server that its certificate happens to name.
        Context = SslStreamCertificateContext.Create(Certificate, [.. chain.Skip(1)], offline: true);
    }

    internal TlsFiles Files { get; }

    /// <summary>This node's certificate.</summary>
    internal X509Certificate2 Certificate { get; }

    /// <summary>The same with what goes along in a handshake.</summary>
    internal SslStreamCertificateContext Context { get; }

    /// <summary>How peers' certificates are checked: only our own authorities, no downloads, no revocation lists.</summary>
    internal X509ChainPolicy CreateChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_roots);
        policy.ExtraStore.AddRange(_intermediates);
        return policy;
    }

    internal static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}
