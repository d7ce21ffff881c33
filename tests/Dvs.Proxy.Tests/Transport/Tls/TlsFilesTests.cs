using System.Security.Cryptography;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

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
        TlsFiles files = _pki.IssueFiles("node0");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

        Assert.Contains("protected by a password", ProblemOfKey(files, other.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters)), StringComparison.Ordinal);
        Assert.Contains($"is not the key of the certificate in {files.Certificate}", ProblemOfKey(files, other.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
        Assert.Contains("is not the key of the certificate", ProblemOfKey(files, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), StringComparison.Ordinal);
        Assert.Contains("has no private key", ProblemOfKey(files, "text"), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_and_missing_certificates_and_authorities_without_a_root_are_named()
    {
        TlsFiles files = _pki.IssueFiles("node0");

        Assert.Contains("has no certificate", ProblemOf(files with { Certificate = files.Key }), StringComparison.Ordinal);
        Assert.Contains("has no self-signed certificate", ProblemOf(files with { Authorities = files.Certificate }), StringComparison.Ordinal);
        Assert.Contains("damaged", ProblemOf(files with { Certificate = _pki.Write("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") }), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_read_up_to_a_bound_whatever_their_length_says()
    {
        TlsFiles files = _pki.IssueFiles("node0");
        const string TooLarge = "cannot be read: it is larger than 1 MiB. Name a PEM file";
        string sparse = Path.Combine(_pki.Directory, "sparse.pem");
        using (FileStream file = File.Create(sparse))
        {
            file.SetLength(1L << 40);
        }

        Assert.Contains($"{sparse}: {TooLarge}", ProblemOf(files with { Authorities = sparse }), StringComparison.Ordinal);
        Assert.Contains(TooLarge, ProblemOf(files with { Authorities = _pki.Write("huge.pem", new string('x', (1 << 20) + 1)) }), StringComparison.Ordinal);
        Assert.Contains("has no certificate. It must be a PEM file", ProblemOf(files with { Certificate = _pki.Write("empty.pem", "") }), StringComparison.Ordinal);
        Assert.Contains("has no private key. It must be a PEM file", ProblemOf(files with { Key = _pki.Write("empty.key", "") }), StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains($"/dev/zero: {TooLarge}", ProblemOf(files with { Key = "/dev/zero" }), StringComparison.Ordinal);
            Assert.Contains("/dev/null: has no certificate", ProblemOf(files with { Authorities = "/dev/null" }), StringComparison.Ordinal);
        }
    }

    [SkippableFact]
    public async Task A_named_pipe_is_refused_and_nobody_waits_for_its_writer()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Named pipes in the file system are of Linux here.");
        string pipe = Path.Combine(_pki.Directory, "pipe.pem");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            await mkfifo.WaitForExitAsync();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        TlsFiles files = _pki.IssueFiles("node0") with { Certificate = pipe };
        string problem = await Patience.OnThread(() => ProblemOf(files)).Soon();

        Assert.Contains($"{pipe}: cannot be read: it is a pipe or a terminal, not a file. Name a regular PEM file", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_expired_certificate_of_our_own_is_no_good()
    {
        TlsFiles files = _pki.WriteFiles("old", _pki.Issue("node0", ["node0"], from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1)));

        Assert.Contains("the certificate of \"node0\" expired on", ProblemOf(files), StringComparison.Ordinal);
    }

    [Fact]
    public void One_file_may_hold_certificate_and_key()
    {
        var (certificate, key) = _pki.Issue("node0", ["node0"]);
        string both = _pki.Write("both.pem", certificate + "\n" + key);

        Assert.True(_pki.Load(new TlsFiles(both, both, _pki.AuthorityFile)).Certificate.HasPrivateKey);
    }

    [Fact]
    public void Changed_files_are_read_again_and_broken_ones_keep_the_last_good()
    {
        TlsFiles files = _pki.IssueFiles("node0");
        var identity = new TlsIdentity(files, _log, TimeProvider.System);
        string first = identity.Current().Certificate.SerialNumber;
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

    /// <summary>Writes, and makes sure that the time of change moves even on a coarse clock.</summary>
    private static void Replace(string path, string text)
    {
        DateTime before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : default;
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
