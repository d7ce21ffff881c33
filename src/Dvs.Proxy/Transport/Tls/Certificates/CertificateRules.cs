using System.Security.Cryptography.X509Certificates;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>
/// What a certificate must be like to serve here, whoever shows it: a node's own is judged when its files are read, at a start, a change and by
/// <c>check-config</c>, a peer's in the handshake. A node connects and is connected to with one certificate, so its own must be good for both sides.
/// </summary>
internal static class CertificateRules
{
    /// <summary>What to use instead of a key that will not do.</summary>
    public const string GoodKeys =
        "Use a key on the curve P-256, P-384 or P-521 (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256), or RSA of 2048 "
            + "bits or more, and have a certificate issued for it.";

    private const int SmallestRsaBits = 2048;
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    private const string AnyUsage = "2.5.29.37.0";

    /// <summary>What is wrong with the certificate's key: <c>is RSA with 1024 bits</c>; null where nothing is.</summary>
    public static string? ProblemOfKey(X509Certificate2 certificate)
    {
        var algorithm = certificate.PublicKey.Oid.Value ?? "";
        if (algorithm == KeyAlgorithms.Rsa)
        {
            using var rsa = certificate.GetRSAPublicKey();
            var bits = rsa?.KeySize ?? 0;
            return bits >= SmallestRsaBits ? null : $"is RSA with {bits} bits, and TLS wants {SmallestRsaBits} at least";
        }

        if (algorithm == KeyAlgorithms.EllipticCurve)
        {
            var curve = KeyAlgorithms.CurveOf(certificate.PublicKey.EncodedParameters?.RawData ?? []);
            return KeyAlgorithms.IsGoodCurve(curve) ? null : $"is on the curve {KeyAlgorithms.NameOf(curve)}, which TLS 1.3 does not have";
        }

        return $"is {KeyAlgorithms.NameOf(algorithm)}, which is not supported";
    }

    /// <summary>Everything that is wrong with a node's own certificate but for its time and its key's file.</summary>
    public static IEnumerable<(string Problem, string Suggestion)> ProblemsOfOwn(X509Certificate2 certificate)
    {
        var name = CertificateText.NameOf(certificate);
        if (ProblemOfKey(certificate) is { } key)
        {
            yield return ($"the key of {name} {key}", GoodKeys);
        }

        if (UsagesOf(certificate) is { } usages && !usages.Contains(AnyUsage))
        {
            string[] missing = [.. new[] { (ServerUsage, "serverAuth"), (ClientUsage, "clientAuth") }
                .Where(usage => !usages.Contains(usage.Item1)).Select(static usage => usage.Item2)];
            if (missing.Length > 0)
            {
                yield return (
                    $"the certificate of {name} is not meant for {string.Join(" and ", missing)} (extended key usage)",
                    "A node connects and is connected to with it: have one issued with extendedKeyUsage = serverAuth, clientAuth, or with none.");
            }
        }
    }

    private static HashSet<string>? UsagesOf(X509Certificate2 certificate)
    {
        HashSet<string>? usages = null;
        foreach (var extension in certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>())
        {
            usages ??= [];
            foreach (var usage in extension.EnhancedKeyUsages)
            {
                usages.Add(usage.Value ?? "");
            }
        }

        return usages;
    }
}
