using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>Kinds of keys and curves by their object identifiers.</summary>
internal static class KeyAlgorithms
{
    internal const string Rsa = "1.2.840.113549.1.1.1";
    internal const string EllipticCurve = "1.2.840.10045.2.1";

    private static readonly Dictionary<string, string> Names = new()
    {
        [Rsa] = "RSA",
        [EllipticCurve] = "EC",
        ["1.3.101.110"] = "X25519",
        ["1.3.101.111"] = "X448",
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
        ["1.2.840.10040.4.1"] = "DSA",
        ["1.2.840.10046.2.1"] = "Diffie-Hellman",
        ["1.2.840.113549.1.3.1"] = "Diffie-Hellman",
        ["1.2.840.113549.1.1.10"] = "RSA-PSS",
        ["2.16.840.1.101.3.4.3.17"] = "ML-DSA-44",
        ["2.16.840.1.101.3.4.3.18"] = "ML-DSA-65",
        ["2.16.840.1.101.3.4.3.19"] = "ML-DSA-87",
        ["1.2.840.10045.3.1.1"] = "P-192",
        ["1.3.132.0.33"] = "P-224",
        ["1.3.132.0.10"] = "secp256k1",
        ["1.3.36.3.3.2.8.1.1.7"] = "brainpoolP256r1",
        ["1.3.36.3.3.2.8.1.1.11"] = "brainpoolP384r1",
        ["1.3.36.3.3.2.8.1.1.13"] = "brainpoolP512r1",
    };

    /// <summary>The name, or else the identifier itself.</summary>
    internal static string NameOf(string identifier) => identifier.Length == 0 ? "of an unknown kind" : Names.GetValueOrDefault(identifier, identifier);

    internal static bool IsGoodCurve(string identifier) => identifier is "1.2.840.10045.3.1.7" or "1.3.132.0.34" or "1.3.132.0.35";

    /// <summary>The curve that a key's parameters name; empty where they spell one out.</summary>
    internal static string CurveOf(byte[] parameters)
    {
        try
        {
            var reader = new AsnReader(parameters, AsnEncodingRules.DER);
            return reader.PeekTag() == Asn1Tag.ObjectIdentifier ? reader.ReadObjectIdentifier() : "";
        }
        catch (AsnContentException)
        {
            return "";
        }
    }

    /// <summary>The kind of the private key in a PEM text, by its identifier; null where it cannot be told.</summary>
    internal static string? OfPrivateKey(string pem)
    {
        ReadOnlySpan<char> rest = pem;
        while (PemEncoding.TryFind(rest, out var fields))
        {
            switch (rest[fields.Label])
            {
                case "PRIVATE KEY":
                    return OfPkcs8(Convert.FromBase64String(rest[fields.Base64Data].ToString()));
                case "RSA PRIVATE KEY":
                    return Rsa;
                case "EC PRIVATE KEY":
                    return EllipticCurve;
                case "DSA PRIVATE KEY":
                    return "1.2.840.10040.4.1";
                default:
                    rest = rest[fields.Location.End..];
                    break;
            }
        }

        return null;
    }

    private static string? OfPkcs8(byte[] key)
    {
        try
        {
            var fields = new AsnReader(key, AsnEncodingRules.BER).ReadSequence();
            fields.ReadInteger();
            return fields.ReadSequence().ReadObjectIdentifier();
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
