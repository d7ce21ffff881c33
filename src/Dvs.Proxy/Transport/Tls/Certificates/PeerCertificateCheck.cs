using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>Judges the peer's certificate in one handshake and keeps the reason in words.</summary>
/// <param name="checkNames">Says what is wrong with the certificate's names; null where they are right.</param>
/// <param name="authoritiesFile">For the message about a wrong authority.</param>
/// <param name="peerIsClient">The peer made the connection.</param>
/// <param name="now">The time, for messages; the chain is checked by the system's clock.</param>
internal sealed class PeerCertificateCheck(Func<CertificateNames, string?> checkNames, string authoritiesFile, bool peerIsClient, DateTimeOffset now)
{
    /// <summary>Why it was refused; null before, and for a good one.</summary>
    internal string? Failure { get; private set; }

    /// <summary>The peer's certificate in words, for the log.</summary>
    internal string PeerName { get; private set; } = "";

    /// <summary>The whole subject of the peer's certificate.</summary>
    internal string PeerSubject { get; private set; } = "";

    /// <summary>When the peer's certificate expires.</summary>
    internal DateTime PeerExpires { get; private set; }

    /// <summary>The callback of the handshake.</summary>
    internal bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        try
        {
            Failure = Judge(certificate, chain, errors);
        }
        catch (CryptographicException failure)
        {
            Failure = $"its certificate is malformed: {failure.Message.TrimEnd('.')}";
        }

        return Failure is null;
    }

    private string? Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 peer || chain is null)
        {
            return "it showed no certificate";
        }

        PeerName = CertificateText.NameOf(peer);
        PeerSubject = CertificateText.SubjectOf(peer);
        PeerExpires = peer.NotAfter.ToUniversalTime();
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return DescribeChain(peer, chain);
        }

        if (CertificateRules.ProblemOfKey(peer) is { } weakness)
        {
            return $"the key of its certificate ({PeerName}) {weakness}";
        }

        // The name that the handshake itself compares is one of several that are good: the names are checked here.
        return checkNames(new CertificateNames(peer));
    }

    private string DescribeChain(X509Certificate2 peer, X509Chain chain)
    {
        var status = X509ChainStatusFlags.NoError;
        foreach (var each in chain.ChainStatus)
        {
            status |= each.Status;
        }

        var reasons = new List<string>();
        if ((status & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            reasons.Add(DescribeTime(peer, chain));
        }

        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
        {
            reasons.Add($"its certificate ({PeerName}) was issued by {CertificateText.IssuerOf(peer)}, which is none of the authorities "
                + $"in {authoritiesFile} and has no chain to one");
        }

        if ((status & X509ChainStatusFlags.NotSignatureValid) != 0)
        {
            reasons.Add($"the signature of its certificate ({PeerName}) is not by {CertificateText.IssuerOf(peer)} of {authoritiesFile}");
        }

        if ((status & X509ChainStatusFlags.NotValidForUsage) != 0)
        {
            reasons.Add($"its certificate ({PeerName}) is not meant for TLS {(peerIsClient ? "clients" : "servers")} (extended key usage)");
        }

        return reasons.Count > 0
            ? string.Join("; ", reasons)
            : $"its certificate ({PeerName}) was not accepted: {string.Join(", ", chain.ChainStatus.Select(static each => each.StatusInformation.Trim()))}";
    }

    private string DescribeTime(X509Certificate2 peer, X509Chain chain)
    {
        if (CertificateText.DescribeValidity(peer, now) is { } own)
        {
            return $"its certificate ({PeerName}) {own}";
        }

        foreach (var element in chain.ChainElements)
        {
            if (CertificateText.DescribeValidity(element.Certificate, now) is { } other)
            {
                return $"the authority of its certificate ({CertificateText.NameOf(element.Certificate)}) {other}";
            }
        }

        return $"its certificate ({PeerName}) is not valid now";
    }
}
