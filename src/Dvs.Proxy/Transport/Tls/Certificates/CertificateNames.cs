using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>
/// The names a certificate is for: the DNS names and IP addresses of its subject alternative name, or, only where it has none at all, its
/// common name. Wildcards are kept as they are written and so match nothing.
/// </summary>
internal sealed class CertificateNames
{
    private const string CommonNameId = "2.5.4.3";
    private const int MostShown = 5;

    private readonly List<string> _names = [];
    private readonly List<IPAddress> _addresses = [];

    /// <exception cref="CryptographicException">The certificate's names are malformed.</exception>
    internal CertificateNames(X509Certificate2 certificate)
    {
        var hasAlternative = false;
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value == "2.5.29.17")
            {
                hasAlternative = true;
                var alternative = new X509SubjectAlternativeNameExtension(extension.RawData, extension.Critical);
                _names.AddRange(alternative.EnumerateDnsNames());
                _addresses.AddRange(alternative.EnumerateIPAddresses());
            }
        }

        if (!hasAlternative && CommonNameOf(certificate.SubjectName) is { } commonName)
        {
            _names.Add(commonName);
        }
    }

    /// <summary>Whether the certificate is for this name or address.</summary>
    internal bool Carries(string expected)
    {
        if (HostText.TryParseAddress(expected, out var address))
        {
            return _addresses.Contains(HostText.Plain(address)) || _names.Contains(expected, StringComparer.OrdinalIgnoreCase);
        }

        var bare = expected.TrimEnd('.');
        return bare.Length > 0 && !bare.Contains('*', StringComparison.Ordinal)
            && _names.Exists(name => name.AsSpan().TrimEnd('.').Equals(bare, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The names for people.</summary>
    public override string ToString()
    {
        List<string> all = [.. _names.Select(CertificateText.Quote), .. _addresses.Select(static address => address.ToString())];
        return all.Count == 0 ? "no name at all"
            : all.Count <= MostShown ? string.Join(", ", all) : $"{string.Join(", ", all.Take(MostShown))} and {all.Count - MostShown} more";
    }

    internal static string? CommonNameOf(X500DistinguishedName name)
    {
        try
        {
            foreach (var part in name.EnumerateRelativeDistinguishedNames())
            {
                if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameId)
                {
                    return part.GetSingleElementValue();
                }
            }
        }
        catch (CryptographicException)
        {
            // Malformed: as good as none.
        }

        return null;
    }
}
