using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Dvs.Proxy.Interop;
using Microsoft.Win32.SafeHandles;

namespace Dvs.Proxy.Transport.Tls.Certificates;

/// <summary>Reads TLS files and says everything that is wrong with them.</summary>
internal static class TlsCredentialLoader
{
    private const int LargestFile = 1 << 20;

    /// <summary>The credentials, or null with at least one problem.</summary>
    internal static TlsCredentials? Load(TlsFiles files, DateTimeOffset now, ICollection<TlsFileProblem> problems)
    {
        var keyText = Read(files.Key, TlsFileKind.Key, problems);
        var chain = ReadCertificates(files.Certificate, TlsFileKind.Certificate, problems);
        var authorities = ReadCertificates(files.Authorities, TlsFileKind.Authorities, problems);
        if (authorities is not null && !authorities.Any(TlsCredentials.IsSelfIssued))
        {
            problems.Add(new TlsFileProblem(
                TlsFileKind.Authorities, files.Authorities, "has no self-signed certificate", "Add the root authority: chains must end there."));
            authorities = null;
        }

        var isGood = chain is not null && IsGood(chain[0], files, now, problems);
        isGood &= authorities is not null && HasCurrentRoot(authorities, files, now, problems);
        var hasKey = chain is not null && keyText is not null && TryAddKey(chain, keyText, files, problems);
        if (chain is null || authorities is null || !hasKey || !isGood)
        {
            return null;
        }

        try
        {
            return new TlsCredentials(chain, authorities, files);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            problems.Add(new TlsFileProblem(TlsFileKind.Certificate, files.Certificate, $"cannot be used: {OneLine(failure.Message)}"));
            return null;
        }
    }

    private static bool IsGood(X509Certificate2 certificate, TlsFiles files, DateTimeOffset now, ICollection<TlsFileProblem> problems)
    {
        var before = problems.Count;
        if (CertificateText.DescribeValidity(certificate, now) is { } problem)
        {
            problems.Add(new TlsFileProblem(
                TlsFileKind.Certificate, files.Certificate, $"the certificate of {CertificateText.NameOf(certificate)} {problem}",
                "Renew it, or check this machine's clock."));
        }

        try
        {
            foreach ((var other, var suggestion) in CertificateRules.ProblemsOfOwn(certificate))
            {
                problems.Add(new TlsFileProblem(TlsFileKind.Certificate, files.Certificate, other, suggestion));
            }
        }
        catch (CryptographicException failure)
        {
            problems.Add(new TlsFileProblem(TlsFileKind.Certificate, files.Certificate, $"has a malformed certificate: {OneLine(failure.Message)}"));
        }

        return problems.Count == before;
    }

    // One of several may be over: that is how an authority is renewed.
    private static bool HasCurrentRoot(X509Certificate2Collection authorities, TlsFiles files, DateTimeOffset now, ICollection<TlsFileProblem> problems)
    {
        X509Certificate2[] roots = [.. authorities.Where(TlsCredentials.IsSelfIssued)];
        if (Array.Exists(roots, root => CertificateText.DescribeValidity(root, now) is null))
        {
            return true;
        }

        problems.Add(new TlsFileProblem(
            TlsFileKind.Authorities, files.Authorities, $"the authority {CertificateText.NameOf(roots[0])} {CertificateText.DescribeValidity(roots[0], now)}",
            "No peer can be trusted through it: renew it, or check this machine's clock."));
        return false;
    }

    private static string? Read(string path, TlsFileKind kind, ICollection<TlsFileProblem> problems)
    {
        string reason;
        string? suggestion = null;
        try
        {
            using var file = new FileStream(OpenWithoutWaiting(path), FileAccess.Read, bufferSize: 0);
            if (file.CanSeek)
            {
                // What a special file gives may have no end, and its length says nothing: read up to the bound, whatever the length is.
                var content = new byte[LargestFile + 1];
                var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
                if (length <= LargestFile)
                {
                    return Encoding.UTF8.GetString(content, 0, length);
                }

                (reason, suggestion) = ("it is larger than 1 MiB", "Name a PEM file that has the needed certificates or key only.");
            }
            else
            {
                (reason, suggestion) = ("it is a pipe or a terminal, not a file", "Name a regular PEM file: it is read again whenever it changes.");
            }
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            reason = "no such file";
        }
        catch (UnauthorizedAccessException)
        {
            reason = Directory.Exists(path) ? "it is a directory" : "permission denied";
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or NotSupportedException)
        {
            reason = failure is PathTooLongException ? "its name is too long" : OneLine(failure.Message);
        }

        problems.Add(new TlsFileProblem(kind, path, $"cannot be read: {reason}", suggestion));
        return null;
    }

    // Opening a named pipe waits for a writer, perhaps for ever, unless told not to; the runtime has no such option.
    private static SafeFileHandle OpenWithoutWaiting(string path)
    {
        if (OperatingSystem.IsLinux() && !path.Contains('\0', StringComparison.Ordinal))
        {
            var descriptor = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec | Libc.OpenNonBlocking);
            if (descriptor >= 0 && !Directory.Exists(path))
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            if (descriptor >= 0)
            {
                _ = Libc.Close(descriptor);
            }
        }

        // Also for the error in the runtime's words.
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    private static X509Certificate2Collection? ReadCertificates(string path, TlsFileKind kind, ICollection<TlsFileProblem> problems)
    {
        if (Read(path, kind, problems) is not { } text)
        {
            return null;
        }

        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException failure)
        {
            problems.Add(new TlsFileProblem(kind, path, $"has a damaged certificate: {OneLine(failure.Message)}"));
            return null;
        }

        if (certificates.Count == 0)
        {
            problems.Add(new TlsFileProblem(kind, path, "has no certificate", "It must be a PEM file with -----BEGIN CERTIFICATE-----."));
            return null;
        }

        return certificates;
    }

    private static bool TryAddKey(X509Certificate2Collection chain, string keyText, TlsFiles files, ICollection<TlsFileProblem> problems)
    {
        (string Problem, string? Suggestion)? bad = null;
        if (!keyText.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            bad = ("has no private key", "It must be a PEM file with -----BEGIN PRIVATE KEY-----.");
        }
        else if (keyText.Contains("BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal)
            || keyText.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            bad = ("is protected by a password, which is not supported",
                "Remove the password (openssl pkey -in FILE -out FILE) and let only the proxy's user read the file.");
        }
        else
        {
            try
            {
                chain[0] = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), keyText);
            }
            catch (Exception failure) when (failure is CryptographicException or ArgumentException or NotSupportedException)
            {
                bad = WhyNoKey(chain[0], keyText, files);
            }
        }

        if (bad is { } found)
        {
            problems.Add(new TlsFileProblem(TlsFileKind.Key, files.Key, found.Problem, found.Suggestion));
        }

        return bad is null;
    }

    private static (string Problem, string? Suggestion)? WhyNoKey(X509Certificate2 certificate, string keyText, TlsFiles files)
    {
        var kind = KeyAlgorithms.OfPrivateKey(keyText);
        if (kind is not (null or KeyAlgorithms.Rsa or KeyAlgorithms.EllipticCurve))
        {
            return ($"is a key of an unsupported kind: {KeyAlgorithms.NameOf(kind)}", CertificateRules.GoodKeys);
        }

        return CertificateRules.ProblemOfKey(certificate) is not null && kind == certificate.PublicKey.Oid.Value
            ? ("cannot be used, as its certificate cannot", CertificateRules.GoodKeys)
            : ($"is not the key of the certificate in {OneLine(files.Certificate)}, or is damaged", null);
    }

    // Messages of the system quote file names, and those come from the configuration: fit for a log, whatever they are.
    private static string OneLine(string text)
    {
        const int Longest = 200;
        var line = string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c)).TrimEnd('.');
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }
}
