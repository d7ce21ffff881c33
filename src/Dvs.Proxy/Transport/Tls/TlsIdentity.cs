using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Transport.Tls.Certificates;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>
/// A node's TLS files, kept current: looked at before every handshake (time of change and length), and read again when they changed. New
/// contents take over whole or not at all. Thread-safe; nobody waits for a reload that another handshake is doing.
/// </summary>
internal sealed class TlsIdentity
{
    private readonly TlsFiles _files;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Lock _reloading = new();
    private volatile TlsCredentials _current;
    private (FileStamp Certificate, FileStamp Key, FileStamp Authorities) _seen;

    /// <exception cref="ProxyTransportException">The files are no good; the message has everything that is wrong with them.</exception>
    internal TlsIdentity(TlsFiles files, ILogger logger, TimeProvider time)
    {
        _files = files;
        _logger = logger;
        _time = time;
        _seen = Stamps();
        List<TlsFileProblem> problems = [];
        _current = TlsCredentialLoader.Load(files, time.GetUtcNow(), problems)
            ?? throw new ProxyTransportException($"TLS: {string.Join("; ", problems)}.");
        ProxyLog.CertificateLoaded(logger, CertificateText.NameOf(_current.Certificate), files.Certificate, Expiry(_current));
    }

    /// <summary>What the files hold now, or the last good contents.</summary>
    internal TlsCredentials Current()
    {
        if (_reloading.TryEnter())
        {
            try
            {
                ReloadIfChanged();
            }
            finally
            {
                _reloading.Exit();
            }
        }

        return _current;
    }

    /// <summary>As <see cref="Current"/>, without a look at the files.</summary>
    internal TlsCredentials Latest => _current;

    private static string Expiry(TlsCredentials credentials) => CertificateText.Date(credentials.Certificate.NotAfter.ToUniversalTime());

    private void ReloadIfChanged()
    {
        var now = Stamps();
        if (now == _seen)
        {
            return;
        }

        // Also for a bad file: it is read, and complained of, once.
        _seen = now;
        List<TlsFileProblem> problems = [];
        if (TlsCredentialLoader.Load(_files, _time.GetUtcNow(), problems) is { } credentials)
        {
            _current = credentials;
            ProxyLog.CertificateReloaded(_logger, CertificateText.NameOf(credentials.Certificate), _files.Certificate, Expiry(credentials));
        }
        else
        {
            ProxyLog.CertificateReloadFailed(_logger, string.Join("; ", problems), CertificateText.NameOf(_current.Certificate), Expiry(_current));
        }
    }

    private (FileStamp Certificate, FileStamp Key, FileStamp Authorities) Stamps() =>
        (FileStamp.Of(_files.Certificate), FileStamp.Of(_files.Key), FileStamp.Of(_files.Authorities));

    private readonly record struct FileStamp(DateTime Changed, long Length)
    {
        internal static FileStamp Of(string path)
        {
            try
            {
                var file = new FileInfo(path);
                return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length) : default;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return default;
            }
        }
    }
}
