using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>Good and bad files, and files that change.</summary>
public sealed class TlsFilesTests : IDisposable
{
    private readonly TestPki _pki = new();
    private readonly CapturingLoggerFactory _log = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public void Every_problem_is_found_at_once()
    {
        List<TlsFileProblem> problems = [];
        var files = new TlsFiles(Path.Combine(_pki.Directory, "none.pem"), _pki.Write("empty.key", "nothing"), _pki.Directory);

        Assert.Null(TlsCredentialLoader.Load(files, DateTimeOffset.UtcNow, problems));

        Assert.Contains(problems, problem => problem is { Kind: TlsFileKind.Certificate, Problem: "cannot be read: no such file" });
        Assert.Contains(problems, problem => problem is { Kind: TlsFileKind.Authorities, Problem: "cannot be read: it is a directory" });
    }

    [Fact]
    public void A_key_with_a_password_a_foreign_key_and_no_key_are_told_apart()
    {
        var files = _pki.IssueFiles("node0");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

        Assert.Contains("protected by a password", ProblemOfKey(files, other.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters)), StringComparison.Ordinal);
        Assert.Contains($"is not the key of the certificate in {files.Certificate}", ProblemOfKey(files, other.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
        Assert.Contains("is not the key of the certificate", ProblemOfKey(files, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), StringComparison.Ordinal);
        Assert.Contains("has no private key", ProblemOfKey(files, "text"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ed25519", "-algorithm ed25519")]
    [InlineData("Ed448", "-algorithm ed448")]
    [InlineData("X25519", "-algorithm x25519")]
    [InlineData("X448", "-algorithm x448")]
    [InlineData("RSA-PSS", "-algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048")]
    public async Task A_key_of_an_unsupported_kind_is_named_with_what_to_use(string kind, string arguments)
    {
        var file = Path.Combine(_pki.Directory, "openssl.key");
        await OpenSsl($"genpkey {arguments} -out {file}");
        var files = _pki.IssueFiles("node0");

        var problem = ProblemOf(files with { Key = file });

        Assert.Contains($"{file}: is a key of an unsupported kind: {kind}. Use a key on the curve P-256", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Ed25519", "-newkey ed25519")]
    [InlineData("Ed448", "-newkey ed448")]
    public async Task A_certificate_with_such_a_key_is_named_as_well(string kind, string arguments)
    {
        var certificate = Path.Combine(_pki.Directory, "ed.pem");
        var key = Path.Combine(_pki.Directory, "ed.key");
        await OpenSsl($"req -x509 -nodes -subj /CN=node0 -days 9 {arguments} -keyout {key} -out {certificate}");

        var problem = ProblemOf(new TlsFiles(certificate, key, _pki.AuthorityFile));

        Assert.Contains($"{certificate}: the key of \"node0\" is {kind}, which is not supported. Use a key on the curve P-256", problem, StringComparison.Ordinal);
        Assert.Contains($"{key}: is a key of an unsupported kind: {kind}", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dsa_key_is_unsupported_too()
    {
        using var dsa = DSA.Create(1024);

        Assert.Contains("is a key of an unsupported kind: DSA", ProblemOfKey(_pki.IssueFiles("node0"), dsa.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.3.6.1.5.5.7.3.1", "clientAuth")]
    [InlineData("1.3.6.1.5.5.7.3.2", "serverAuth")]
    [InlineData("1.3.6.1.5.5.7.3.4", "serverAuth and clientAuth")]
    public void Our_own_certificate_must_be_meant_for_both_sides(string usage, string missing)
    {
        var files = _pki.WriteFiles("node0", _pki.Issue("node0", ["node0"], usage: usage));

        Assert.Equal(
            $"{files.Certificate}: the certificate of \"node0\" is not meant for {missing} (extended key usage). A node connects and is connected to with it: "
                + "have one issued with extendedKeyUsage = serverAuth, clientAuth, or with none",
            ProblemOf(files));
    }

    [Theory]
    [InlineData("nistP256")]
    [InlineData("nistP384")]
    [InlineData("nistP521")]
    public void The_curves_of_tls_13_are_good(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));

        Assert.NotNull(_pki.Load(_pki.WriteFiles(curve, _pki.Issue(new CertificateRequest("CN=node0", key, HashAlgorithmName.SHA256), key, ["node0"]))));
    }

    [Fact]
    public void Rsa_below_2048_bits_is_too_weak()
    {
        using var key = RSA.Create(2040);
        var request = new CertificateRequest("CN=node0", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.Contains("the key of \"node0\" is RSA with 2040 bits, and TLS wants 2048 at least. Use a key", ProblemOf(_pki.WriteFiles("weak", _pki.Issue(request, key, ["node0"]))), StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_that_has_expired_is_no_good_unless_another_has_not()
    {
        using var old = new TestPki("Old CA", expires: DateTimeOffset.UtcNow.AddDays(-2));
        var files = _pki.IssueFiles("node0");

        Assert.Contains("the authority \"Old CA\" expired on", ProblemOf(files with { Authorities = old.AuthorityFile }), StringComparison.Ordinal);
        Assert.NotNull(_pki.Load(files with { Authorities = _pki.Write("both.pem", File.ReadAllText(old.AuthorityFile) + "\n" + File.ReadAllText(_pki.AuthorityFile)) }));
    }

    [Fact]
    public void Damaged_and_missing_certificates_and_authorities_without_a_root_are_named()
    {
        var files = _pki.IssueFiles("node0");

        Assert.Contains("has no certificate", ProblemOf(files with { Certificate = files.Key }), StringComparison.Ordinal);
        Assert.Contains("has no self-signed certificate", ProblemOf(files with { Authorities = files.Certificate }), StringComparison.Ordinal);
        Assert.Contains("damaged", ProblemOf(files with { Certificate = _pki.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") }), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_read_up_to_a_bound_whatever_their_length_says()
    {
        var files = _pki.IssueFiles("node0");
        const string TooLarge = "cannot be read: it is larger than 1 MiB. Name a PEM file";
        var sparse = Path.Combine(_pki.Directory, "sparse.pem");
        using (var file = File.Create(sparse))
        {
            file.SetLength(1L << 40);
        }

        Assert.Contains($"{sparse}: {TooLarge}", ProblemOf(files with { Authorities = sparse }), StringComparison.Ordinal);
        Assert.Contains(TooLarge, ProblemOf(files with { Authorities = _pki.Write("huge.pem", new string('x', (1 << 20) + 1)) }), StringComparison.Ordinal);
        var authority = File.ReadAllText(files.Authorities);
        Assert.NotNull(_pki.Load(files with { Authorities = _pki.Write("full.pem", authority + new string('\n', (1 << 20) - authority.Length)) }));
        Assert.Contains("has no certificate. It must be a PEM file", ProblemOf(files with { Certificate = _pki.Write("empty.pem", "") }), StringComparison.Ordinal);
        Assert.Contains("has no private key. It must be a PEM file", ProblemOf(files with { Key = _pki.Write("empty.key", "") }), StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains($"/dev/zero: {TooLarge}", ProblemOf(files with { Key = "/dev/zero" }), StringComparison.Ordinal);
            Assert.Contains("/dev/null: has no certificate", ProblemOf(files with { Authorities = "/dev/null" }), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_named_pipe_is_refused_and_nobody_waits_for_its_writer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Named pipes in the file system are of Linux here.");
        var pipe = Path.Combine(_pki.Directory, "pipe.pem");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await mkfifo.WaitForExitAsync();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        var files = _pki.IssueFiles("node0") with { Certificate = pipe };
        var problem = await Patience.OnThread(() => ProblemOf(files)).Soon();

        Assert.Contains($"{pipe}: cannot be read: it is a pipe or a terminal, not a file. Name a regular PEM file", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_certificate_of_our_own_is_no_good()
    {
        var files = _pki.WriteFiles("old", _pki.Issue("node0", ["node0"], from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1)));

        Assert.Contains("the certificate of \"node0\" expired on", ProblemOf(files), StringComparison.Ordinal);
    }

    [Fact]
    public void One_file_may_hold_certificate_and_key()
    {
        var (certificate, key) = _pki.Issue("node0", ["node0"]);
        var both = _pki.Write("both.pem", certificate + "\n" + key);

        Assert.True(_pki.Load(new TlsFiles(both, both, _pki.AuthorityFile)).Certificate.HasPrivateKey);
    }

    [Fact]
    public void Changed_files_are_read_again_and_broken_ones_keep_the_last_good()
    {
        var files = _pki.IssueFiles("node0");
        var identity = new TlsIdentity(files, _log, TimeProvider.System);
        var first = identity.Current().Certificate.SerialNumber;
        Assert.Equal(first, identity.Current().Certificate.SerialNumber);

        Replace(files.Certificate, "-----BEGIN CERTIFICATE-----\nbroken");
        Assert.Equal(first, identity.Current().Certificate.SerialNumber);
        Assert.Equal(first, identity.Current().Certificate.SerialNumber);
        Assert.Single(_log.EventIds, 602);
        Assert.True(_log.Contains("The certificate \"node0\""), _log.All);

        File.Delete(files.Certificate);
        Assert.Equal(first, identity.Current().Certificate.SerialNumber);
        Assert.True(_log.Contains("no such file"), _log.All);

        var (certificate, key) = _pki.Issue("node0b", ["node0"]);
        Replace(files.Key, key); // one of the two comes first
        Assert.Equal(first, identity.Current().Certificate.SerialNumber);
        Replace(files.Certificate, certificate);
        Assert.NotEqual(first, identity.Current().Certificate.SerialNumber);
        Assert.True(_log.Contains("new connections use the certificate \"node0b\""), _log.All);
    }

    [Fact]
    public void Files_that_are_no_good_at_the_start_are_an_error_with_their_reasons()
    {
        var failure = Assert.Throws<ProxyTransportException>(
            () => new TlsIdentity(new TlsFiles("/none/a", "/none/b", "/none/c"), _log, TimeProvider.System));

        Assert.Contains("/none/a: cannot be read: no such file", failure.Message, StringComparison.Ordinal);
        Assert.Contains("/none/c: cannot be read: no such file", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_replaced_within_one_tick_of_the_clock_is_noticed_by_its_length()
    {
        var files = _pki.IssueFiles("node0");
        var identity = new TlsIdentity(files, _log, TimeProvider.System);
        var first = identity.Current().Certificate.SerialNumber;
        var changed = File.GetLastWriteTimeUtc(files.Certificate);
        var keyChanged = File.GetLastWriteTimeUtc(files.Key);

        var (certificate, key) = _pki.Issue("a longer name than node0", ["node0"]);
        File.WriteAllText(files.Certificate, certificate);
        File.WriteAllText(files.Key, key);
        File.SetLastWriteTimeUtc(files.Certificate, changed);
        File.SetLastWriteTimeUtc(files.Key, keyChanged);

        Assert.NotEqual(first, identity.Current().Certificate.SerialNumber);
    }

    private static async Task OpenSsl(string arguments)
    {
        using var openssl = Start(arguments);
        Assert.SkipWhen(openssl is null, "Needs openssl.");
        await openssl.WaitForExitAsync();
        Assert.Equal(0, openssl.ExitCode);
    }

    private static System.Diagnostics.Process? Start(string arguments)
    {
        try
        {
            return System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("openssl", arguments) { RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Writes, and makes sure that the time of change moves even on a coarse clock.</summary>
    private static void Replace(string path, string text)
    {
        var before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : default;
        File.WriteAllText(path, text);
        if (File.GetLastWriteTimeUtc(path) == before)
        {
            File.SetLastWriteTimeUtc(path, before.AddSeconds(1));
        }
    }

    private string ProblemOfKey(TlsFiles files, string key) => ProblemOf(files with { Key = _pki.Write("tested.key", key) });

    private static string ProblemOf(TlsFiles files)
    {
        List<TlsFileProblem> problems = [];
        Assert.Null(TlsCredentialLoader.Load(files, DateTimeOffset.UtcNow, problems));
        return string.Join("; ", problems);
    }
}
