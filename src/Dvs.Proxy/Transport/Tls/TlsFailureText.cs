using System.Globalization;
using System.Text.RegularExpressions;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>What TLS failures mean, in words that tell an operator what to do.</summary>
internal static partial class TlsFailureText
{
    // OpenSSL's code for an alert of the peer is the library's number (20 << 23), and 1000 more than the alert's.
    private const int SslLibrary = 20 << 23;
    private const int AlertBase = 1000;

    /// <summary>The peer has gone while the handshake was under way.</summary>
    internal const string EndedInHandshake =
        "the connection ended during the TLS handshake: the peer speaks no TLS with us (a tls section in its configuration?), or it "
            + "refused us: its log says why";

    internal static string Of(Exception failure)
    {
        for (var each = failure; each is not null; each = each.InnerException)
        {
            if (OfOpenSsl(each.Message) is { } text)
            {
                return text;
            }
        }

        var last = failure.GetBaseException().Message.TrimEnd('.');
        return last.Contains("corrupted frame", StringComparison.Ordinal) || last.Contains("frame size", StringComparison.Ordinal)
            ? "the peer answered with something that is not TLS: is tls in its configuration?"
            : last;
    }

    /// <summary>True where the peer ended the handshake for our certificate, or for want of one.</summary>
    internal static bool IsOfCertificate(Exception failure)
    {
        for (var each = failure; each is not null; each = each.InnerException)
        {
            if (ReasonOf(each.Message) is { } reason)
            {
                return reason - AlertBase is (>= 42 and <= 46) or 48 or 116;
            }
        }

        return false;
    }

    private static string? OfOpenSsl(string message) => ReasonOf(message) switch
    {
        null => null,
        >= AlertBase and < AlertBase + 256 and int alert => OfAlert(alert - AlertBase),
        int reason => OfReason(reason, message),
    };

    private static int? ReasonOf(string message)
    {
        var match = ErrorCode.Match(message);
        return match.Success && int.TryParse(match.ValueSpan[6..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code)
            && (code & SslLibrary) == SslLibrary
            ? code & 0x7FFFFF
            : null;
    }

    private static string OfAlert(int alert) => alert switch
    {
        40 => "the peer refused the handshake: no common version, cipher or signature kind",
        42 or 43 or 46 => "the peer refused our certificate: its log says why",
        44 => "the peer refused our certificate: revoked",
        45 => "the peer refused our certificate: expired (or one of the two clocks is wrong)",
        48 => "the peer refused our certificate: it does not know the authority that issued it",
        49 => "the peer refused us access: its log says why",
        70 => "the peer refused our version of TLS",
        116 => "the peer wants a certificate from us",
        _ => string.Create(CultureInfo.InvariantCulture, $"the peer ended TLS with alert {alert}"),
    };

    private static string? OfReason(int reason, string message) => reason switch
    {
        258 => "no common version of TLS: the peer is older (tls12 YES would let TLS 1.2 in)", // SSL_R_UNSUPPORTED_PROTOCOL
        266 or 267 => "the peer answered with something that is not TLS: is tls in its configuration?", // WRONG_SSL_VERSION, WRONG_VERSION_NUMBER
        193 => "no common cipher", // SSL_R_NO_SHARED_CIPHER
        281 or 147 => "what the peer sent was damaged on its way, or forged", // DECRYPTION_FAILED_OR_BAD_RECORD_MAC, DECRYPTION_FAILED
        _ => message.TrimEnd('.'),
    };

    [GeneratedRegex("error:0A[0-9A-Fa-f]{6}", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorCode { get; }
}
