using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>Certificates in words. What comes from a peer is cut and cleaned: it goes to logs.</summary>
internal static class CertificateText
{
    /// <summary>Whom it is for: its common name, or else its whole subject.</summary>
    internal static string NameOf(X509Certificate2 certificate) =>
        Quote(CertificateNames.CommonNameOf(certificate.SubjectName) ?? certificate.Subject);

    /// <summary>Who vouches for it.</summary>
    internal static string IssuerOf(X509Certificate2 certificate) =>
        Quote(CertificateNames.CommonNameOf(certificate.IssuerName) ?? certificate.Issuer);

    /// <summary>Null within its time; else <c>expired on 2024-05-01 12:00 UTC</c>.</summary>
    internal static string? DescribeValidity(X509Certificate2 certificate, DateTimeOffset now)
    {
        var (from, to) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
        return now.UtcDateTime > to ? $"expired on {Date(to)}"
            : now.UtcDateTime < from ? $"is not valid before {Date(from)}" : null;
    }

    internal static string Date(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    internal static string Quote(string text) => $"\"{Clean(text)}\"";

    /// <summary>The whole subject.</summary>
    internal static string SubjectOf(X509Certificate2 certificate) => Clean(certificate.Subject);

    private static string Clean(string text) => ForeignText.EscapeName(text).Replace('"', '?');
}
