using System.Buffers;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.InMemory;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>Who gets through a handshake, and what those who do not are told.</summary>
public sealed class TlsHandshakeTests : IDisposable
{
    private readonly TestPki _pki = new();
    private readonly TestPki _others = new("Other CA");

    public void Dispose()
    {
        _pki.Dispose();
        _others.Dispose();
    }

    [Fact]
    public async Task Both_sides_know_each_other_by_tls_13()
    {
        var (client, server) = await Run(_pki.IssueFiles("node0"), _pki.IssueFiles("node1"));

        Assert.Equal((null, null), (client.Failure, server.Failure));
        Assert.StartsWith("Tls13 TLS_", client.Result!.Protocol, StringComparison.Ordinal);
        Assert.Equal(("\"node1\"", "\"node0\""), (client.Result.PeerName, server.Result!.PeerName));
        Assert.Equal(SslProtocols.Tls13, server.Result.Connection.Tls.SslProtocol);
        client.Result.Connection.Send([1, 2, 3]);
        Assert.Equal([1, 2, 3], await Patience.OnThread(() => server.Result.Connection.Receive(3)).Soon());
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_by_either_side_with_its_date()
    {
        var expired = _pki.Issue("node1", ["node1"], from: DateTimeOffset.UtcNow.AddDays(-300), to: DateTimeOffset.UtcNow.AddHours(-1));
        var good = _pki.IssueFiles("node0");
        var stale = LoadAt(_pki.WriteFiles("node1", expired), DateTimeOffset.UtcNow.AddHours(-2));
        var date = CertificateText.Date(stale.Certificate.NotAfter.ToUniversalTime());

        var (client, _) = await Run(_pki.Load(good), stale);
        Assert.Contains($"its certificate (\"node1\") expired on {date}", client.Failure, StringComparison.Ordinal);

        (client, var server) = await Run(stale, _pki.Load(good));
        Assert.Contains($"its certificate (\"node1\") expired on {date}", server.Failure, StringComparison.Ordinal);

        // With TLS 1.3 the refused client may have finished before it is judged: then it learns at its first read. Either way, and however
        // the end reaches it, it knows what is wrong with itself.
        var told = client.Failure
            ?? (await Assert.ThrowsAsync<IOException>(() => Patience.OnThread(client.Result!.Connection.Input.ReadBlocking).Soon())).Message;
        Assert.Contains("refuse", told, StringComparison.Ordinal);
        Assert.Contains("our own certificate", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_valid_yet_is_refused()
    {
        var early = _pki.Issue("node1", ["node1"], from: DateTimeOffset.UtcNow.AddDays(3));
        var credentials = LoadAt(_pki.WriteFiles("node1", early), DateTimeOffset.UtcNow.AddDays(4));

        var (_, server) = await Run(credentials, _pki.Load(_pki.IssueFiles("node0")));

        Assert.Contains("is not valid before", server.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_and_both_authorities_are_named()
    {
        var strange = _others.WriteFiles("node1", _others.Issue("node1", ["node1"]), _pki.AuthorityFile);

        var (client, _) = await Run(_pki.IssueFiles("node0"), strange);
        Assert.Contains("was issued by \"Other CA\", which is none of the authorities in", client.Failure, StringComparison.Ordinal);
        Assert.Contains(_pki.AuthorityFile, client.Failure, StringComparison.Ordinal);

        var (_, server) = await Run(strange, _pki.IssueFiles("node0"));
        Assert.Contains("was issued by \"Other CA\"", server.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authority_that_only_took_the_name_of_ours_is_refused()
    {
        using var impostor = new TestPki();
        var forged = impostor.WriteFiles("node1", impostor.Issue("node1", ["node1"]), _pki.AuthorityFile);

        var (_, server) = await Run(forged, _pki.IssueFiles("node0"));

        Assert.NotNull(server.Failure);
        Assert.Contains("\"node1\"", server.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wrong_name_is_refused_with_what_it_is_and_what_it_should_be()
    {
        var (_, server) = await Run(_pki.IssueFiles("node7"), _pki.IssueFiles("node0"), serverCheck: Expect("node1"));

        Assert.Equal("its certificate is for \"node7\"; expected \"node1\".", server.Failure);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", true)] // TLS server
    [InlineData("1.3.6.1.5.5.7.3.2", false)] // TLS client
    public async Task A_certificate_for_the_other_side_only_is_refused(string usage, bool asClient)
    {
        var oneSided = _pki.WriteFiles("node1", _pki.Issue("node1", ["node1"], usage: usage));
        var good = _pki.IssueFiles("node0");

        var careless = TestPki.LoadUnchecked(oneSided);
        var (client, server) = asClient ? await Run(careless, _pki.Load(good)) : await Run(_pki.Load(good), careless);

        Assert.Contains($"is not meant for TLS {(asClient ? "clients" : "servers")} (extended key usage)", asClient ? server.Failure : client.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RSA", "is RSA with 1024 bits")]
    [InlineData("secp256k1", "is on the curve secp256k1")]
    [InlineData("brainpoolP256r1", "is on the curve brainpoolP256r1")]
    public async Task What_the_files_are_refused_for_no_handshake_takes_either(string kind, string reason)
    {
        var weak = _pki.WriteFiles("weak", IssueFor(kind));
        List<TlsFileProblem> problems = [];

        Assert.Null(TlsCredentialLoader.Load(weak, DateTimeOffset.UtcNow, problems));
        Assert.Contains(reason, Assert.Single(problems).Problem, StringComparison.Ordinal);

        var careless = TestPki.LoadUnchecked(weak);
        var (client, server) = await Run(careless, _pki.Load(_pki.IssueFiles("node0")));
        Assert.True((client.Failure ?? server.Failure) is not null, "it connected as a client");
        (client, server) = await Run(_pki.Load(_pki.IssueFiles("node0")), careless);
        Assert.True((client.Failure ?? server.Failure) is not null, "it connected as a server");
    }

    private (string Certificate, string Key) IssueFor(string kind)
    {
        using AsymmetricAlgorithm key = kind == "RSA" ? RSA.Create(1024) : ECDsa.Create(ECCurve.CreateFromFriendlyName(kind));
        var request = key is RSA rsa
            ? new CertificateRequest("CN=weak", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=weak", (ECDsa)key, HashAlgorithmName.SHA256);
        return _pki.Issue(request, key, ["node1"]);
    }

    [Fact]
    public async Task Any_of_several_authorities_will_do()
    {
        using var root = new TestPki("Root");
        var both = root.Write("both.pem", File.ReadAllText(root.AuthorityFile) + "\n" + File.ReadAllText(_pki.AuthorityFile));

        var (client, server) = await Run(_pki.IssueFiles("node0") with { Authorities = both }, root.IssueFiles("node1") with { Authorities = both });

        Assert.Equal((null, null), (client.Failure, server.Failure));
    }

    [Fact]
    public async Task An_authority_between_may_come_with_the_certificate()
    {
        using var between = new TestPki("Between", _pki);
        var (certificate, key) = between.Issue("node1", ["node1"]);
        var with = between.WriteFiles("with", (certificate + "\n" + File.ReadAllText(between.AuthorityFile), key), _pki.AuthorityFile);
        var without = between.WriteFiles("without", (certificate, key), _pki.AuthorityFile);

        var (client, server) = await Run(_pki.IssueFiles("node0"), with);
        Assert.Equal((null, null), (client.Failure, server.Failure));

        (client, _) = await Run(_pki.IssueFiles("node0"), without);
        Assert.Contains("was issued by \"Between\"", client.Failure, StringComparison.Ordinal);
    }

    public static TheoryData<string[]?, string?, string, string, bool> Names => new()
    {
        { ["node1"], null, "node1", "node1", true },
        { ["node1"], null, "x", "NODE1", true },
        { ["node1.example.net"], null, "node1", "node1", false }, // a name beside the common name takes its place
        { ["other"], null, "node1", "node1", false },
        { null, null, "node1", "node1", true }, // no alternative name: the common name counts
        { ["*.example.net"], null, "x", "node1.example.net", false },
        { ["*.example.net"], null, "x", "*.example.net", false },
        { ["a", "node1"], null, "x", "node1", true },
        { null, "10.0.0.1", "x", "10.0.0.1", true },
        { null, "10.0.0.1", "10.0.0.2", "10.0.0.2", false },
        { null, "10.0.0.1", "x", "::ffff:10.0.0.1", true },
        { null, "fd00::1", "x", "fd00::1", true },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_matches_whole_and_without_wildcards(string[]? dns, string? address, string commonName, string expected, bool matches)
    {
        var (certificate, _) = _pki.Issue(commonName, dns, address is null ? null : [IPAddress.Parse(address)]);
        using var loaded = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(certificate);

        Assert.Equal(matches, new CertificateNames(loaded).Carries(expected));
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_tls_is_named_as_such()
    {
        var (near, far) = await Connect();
        var credentials = _pki.Load(_pki.IssueFiles("node0"));
        var client = Patience.OnThread(() => Client(near, credentials));
        far.Output.Write(new byte[400]);
        far.Output.FlushBlocking(); // the client may have ended it by now
        Assert.Contains("something that is not TLS", (await client.Soon()).Failure, StringComparison.Ordinal);

        (near, far) = await Connect();
        client = Patience.OnThread(() => Client(near, credentials));
        far.Output.Complete(); // an end, not a reset, whatever has arrived by now
        Assert.Contains("the connection ended during the TLS handshake: the peer speaks no TLS with us", (await client.Soon()).Failure, StringComparison.Ordinal);
        await far.DisposeAsync();
    }

    [Fact]
    public async Task Versions_without_one_in_common_fail_and_an_allowed_one_is_taken()
    {
        var a = _pki.Load(_pki.IssueFiles("node0"));
        var (near, far) = await Connect();
        await using var stream = new ConnectionStream(near);
        await using var old = new System.Net.Security.SslStream(stream);
        var server = Patience.OnThread(() => Server(far, a));
        var client = Patience.OnThread(() => AuthenticateWithTls12(old));
        Assert.Contains("TLS", (await server.Soon()).Failure, StringComparison.Ordinal);
        far.Abort();
        await Assert.ThrowsAnyAsync<Exception>(() => client.Soon());

        (near, far) = await Connect();
        await using var stream2 = new ConnectionStream(near);
        await using var old2 = new System.Net.Security.SslStream(stream2);
        server = Patience.OnThread(() => Server(far, a, allowTls12: true));
        client = Patience.OnThread(() => AuthenticateWithTls12(old2));
        Assert.Equal("it showed no certificate.", (await server.Soon()).Failure);
        await Patience.OnThread(far.Abort).Soon();
    }

    private static void AuthenticateWithTls12(System.Net.Security.SslStream stream) => stream.AuthenticateAsClient(new System.Net.Security.SslClientAuthenticationOptions
    {
        TargetHost = "node0",
#pragma warning disable CA5359 // This client is the one under suspicion.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        EnabledSslProtocols = SslProtocols.Tls12,
    });

    private static Func<CertificateNames, string?> Expect(string name) =>
        names => names.Carries(name) ? null : $"its certificate is for {names}; expected \"{name}\"";

    private static TlsCredentials LoadAt(TlsFiles files, DateTimeOffset time) => TlsCredentialLoader.Load(files, time, [])!;

    private Task<(Side Client, Side Server)> Run(TlsFiles client, TlsFiles server, Func<CertificateNames, string?>? serverCheck = null) =>
        Run(_pki.Load(client), _pki.Load(server), serverCheck);

    private static async Task<(Side Client, Side Server)> Run(TlsCredentials client, TlsCredentials server, Func<CertificateNames, string?>? serverCheck = null)
    {
        var (near, far) = await Connect();
        var nearSide = Patience.OnThread(() => Client(near, client));
        var farSide = Patience.OnThread(() => Server(far, server, check: serverCheck));
        return (await nearSide.Soon(), await farSide.Soon());
    }

    private static Side Client(ProxyConnection connection, TlsCredentials credentials) =>
        Side.Of(connection, () => TlsHandshake.AsClient(connection, credentials, false, "node1", static _ => null, new StandingClock()));

    private static Side Server(ProxyConnection connection, TlsCredentials credentials, bool allowTls12 = false, Func<CertificateNames, string?>? check = null) =>
        Side.Of(connection, () => TlsHandshake.AsServer(connection, credentials, allowTls12, check ?? (static _ => null), TimeProvider.System));

    private static async Task<(ProxyConnection Near, ProxyConnection Far)> Connect()
    {
        var pair = await ConnectedPair.Open(new InMemoryTransport(), "node0", "node0");
        return (pair.Near, pair.Far);
    }

    /// <summary>The right time of day, but none passes between handshake and first read, however long a busy machine takes.</summary>
    private sealed class StandingClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    private sealed record Side(TlsResult? Result, string? Failure)
    {
        internal static Side Of(ProxyConnection connection, Func<TlsResult> handshake)
        {
            try
            {
                return new Side(handshake(), null);
            }
            catch (ProxyTransportException failure)
            {
                connection.Abort();
                return new Side(null, failure.Message);
            }
        }
    }
}
