using System.Security.Authentication;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>Each failure that OpenSSL reports has its sentence.</summary>
public class TlsFailureTextTests
{
    [Theory]
    [InlineData(40, "the peer refused the handshake: no common version, cipher or signature kind")]
    [InlineData(42, "the peer refused our certificate: its log says why")]
    [InlineData(43, "the peer refused our certificate: its log says why")]
    [InlineData(44, "the peer refused our certificate: revoked")]
    [InlineData(45, "the peer refused our certificate: expired (or one of the two clocks is wrong)")]
    [InlineData(46, "the peer refused our certificate: its log says why")]
    [InlineData(48, "the peer refused our certificate: it does not know the authority that issued it")]
    [InlineData(49, "the peer refused us access: its log says why")]
    [InlineData(70, "the peer refused our version of TLS")]
    [InlineData(116, "the peer wants a certificate from us")]
    [InlineData(0, "the peer ended TLS with alert 0")]
    [InlineData(80, "the peer ended TLS with alert 80")]
    [InlineData(255, "the peer ended TLS with alert 255")]
    public void An_alert_of_the_peer_is_said_in_words(int alert, string expected) => Assert.Equal(expected, TextOf(1000 + alert));

    [Theory]
    [InlineData(258, "no common version of TLS: the peer is older (tls12 YES would let TLS 1.2 in)")]
    [InlineData(266, "the peer answered with something that is not TLS: is tls in its configuration?")]
    [InlineData(267, "the peer answered with something that is not TLS: is tls in its configuration?")]
    [InlineData(193, "no common cipher")]
    [InlineData(281, "what the peer sent was damaged on its way, or forged")]
    [InlineData(147, "what the peer sent was damaged on its way, or forged")]
    public void A_reason_of_our_own_side_is_said_in_words(int reason, string expected) => Assert.Equal(expected, TextOf(reason));

    [Theory]
    [InlineData(999)]
    [InlineData(1256)]
    [InlineData(0x1000 + 258)] // a reason of more than 12 bits is another one
    [InlineData(0x1000 + 1045)]
    public void What_is_unknown_is_said_as_it_came(int reason) =>
        Assert.Equal($"error:0A{reason:X6}:SSL routines::whatever", TextOf(reason));

    [Theory]
    [InlineData(1041, false)]
    [InlineData(1042, true)]
    [InlineData(1046, true)]
    [InlineData(1047, false)]
    [InlineData(1048, true)]
    [InlineData(1116, true)]
    [InlineData(1040, false)]
    [InlineData(258, false)]
    [InlineData(45, false)]
    public void What_is_of_a_certificate_is_told_from_the_rest(int reason, bool isOfCertificate) =>
        Assert.Equal(isOfCertificate, TlsFailureText.IsOfCertificate(new AuthenticationException("Authentication failed.", Failure(reason))));

    [Fact]
    public void The_code_may_be_in_an_exception_within()
    {
        var failure = new AuthenticationException("Authentication failed, see inner exception.", new InvalidOperationException("SSL Handshake failed with OpenSSL error - SSL_ERROR_SSL.", Failure(1045)));

        Assert.Equal("the peer refused our certificate: expired (or one of the two clocks is wrong)", TlsFailureText.Of(failure));
    }

    [Fact]
    public void What_is_no_code_of_openssl_is_said_as_it_came() => Assert.Equal("The disk is full", TlsFailureText.Of(new IOException("The disk is full.")));

    private static string TextOf(int reason) => TlsFailureText.Of(Failure(reason));

    private static IOException Failure(int reason) => new($"error:0A{reason:X6}:SSL routines::whatever");
}
