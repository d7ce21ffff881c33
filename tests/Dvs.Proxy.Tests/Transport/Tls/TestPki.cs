using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>An authority and the certificates it issues, as PEM files in a directory of their own.</summary>
internal sealed class TestPki : IDisposable
{
    private static int _serial;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private readonly string _name;

    internal TestPki(string name = "Test CA", TestPki? issuer = null, DateTimeOffset? expires = null)
    {
        _name = name;
        Directory = System.IO.Directory.CreateTempSubdirectory("dvs-tls-").FullName;
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = issuer is null
            ? request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), expires ?? DateTimeOffset.UtcNow.AddYears(5))
            : request.Create(issuer._authority, DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow.AddYears(4), [1, 2, 3]).CopyWithPrivateKey(_key);
        AuthorityFile = Write($"{name.Replace(' ', '-')}.pem", _authority.ExportCertificatePem());
    }

    internal string Directory { get; }

    internal string AuthorityFile { get; }

    internal string Write(string file, string text)
    {
        var path = Path.Combine(Directory, file);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return path;
    }

    /// <summary>A certificate and its key in memory.</summary>
    internal (string Certificate, string Key) Issue(
        string commonName, string[]? dnsNames = null, IPAddress[]? addresses = null, DateTimeOffset? from = null, DateTimeOffset? to = null, string? usage = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Issue(new CertificateRequest($"CN={commonName}", key, HashAlgorithmName.SHA256), key, dnsNames, addresses, from, to, usage);
    }

    /// <summary>A certificate for a key of any kind.</summary>
    internal (string Certificate, string Key) Issue(
        CertificateRequest request, AsymmetricAlgorithm key, string[]? dnsNames = null, IPAddress[]? addresses = null, DateTimeOffset? from = null,
        DateTimeOffset? to = null, string? usage = null)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        if (dnsNames is not null || addresses is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            Array.ForEach(dnsNames ?? [], names.AddDnsName);
            Array.ForEach(addresses ?? [], names.AddIpAddress);
            request.CertificateExtensions.Add(names.Build());
        }

        if (usage is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        }

        using var certificate = request.Create(
            _authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), from ?? DateTimeOffset.UtcNow.AddDays(-1), to ?? DateTimeOffset.UtcNow.AddYears(1), BitConverter.GetBytes(Interlocked.Increment(ref _serial) + 0x01000000));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>A certificate and its key in files, over those that are there.</summary>
    internal TlsFiles WriteFiles(string file, (string Certificate, string Key) issued, string? authorityFile = null) =>
        new(Write($"{file}.pem", issued.Certificate), Write($"{file}.key", issued.Key), authorityFile ?? AuthorityFile);

    internal TlsFiles IssueFiles(string name) => WriteFiles(name, Issue(name, [name]));

    internal TlsCredentials Load(TlsFiles files)
    {
        List<TlsFileProblem> problems = [];
        return TlsCredentialLoader.Load(files, DateTimeOffset.UtcNow, problems) ?? throw new InvalidOperationException(string.Join("; ", problems));
    }

    /// <summary>As <see cref="Load"/>, but whatever they are like: for what a careless peer shows.</summary>
    internal static TlsCredentials LoadUnchecked(TlsFiles files)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(files.Authorities);
        return new TlsCredentials([X509Certificate2.CreateFromPemFile(files.Certificate, files.Key)], authorities, files);
    }

    internal static TlsOptions Options(TlsFiles files) => new() { CertificateFile = files.Certificate, KeyFile = files.Key, CaFile = files.Authorities };

    public override string ToString() => _name;

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
        if (System.IO.Directory.Exists(Directory))
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
