using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Transport.Tls;

/// <summary>The TLS files of all peers of one proxy: peers that name the same files share one identity. For set-up, one thread.</summary>
internal sealed class TlsIdentities(ILogger logger, TimeProvider time)
{
    private readonly Dictionary<TlsFiles, TlsIdentity> _byFiles = [];

    /// <exception cref="ProxyTransportException">The files are no good.</exception>
    internal TlsIdentity Get(TlsFiles files)
    {
        if (!_byFiles.TryGetValue(files, out var identity))
        {
            identity = new TlsIdentity(files, logger, time);
            _byFiles.Add(files, identity);
        }

        return identity;
    }
}
