using System.Net;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport.Addresses;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>What options mean with their defaults applied: one place for the rules and the resolver.</summary>
internal static class EffectiveOptions
{
    /// <summary>Bytes of a node's name that reach the driver.</summary>
    public const int DriverNameBytes = 15;

    public static int ListenPort(ProxyOptions options, PeerOptions peer) => peer.ListenPort ?? options.BasePort + peer.ProxyId;

    public static int ConnectPort(ProxyOptions options, PeerOptions peer, int localNodeId) => peer.ConnectPort ?? options.BasePort + localNodeId;

    public static string Host(PeerOptions peer) => string.IsNullOrEmpty(peer.Host) ? peer.Name : peer.Host;

    /// <summary>
    /// Where to listen; null for everywhere. Two ways to write one address or host name become one, so that equal text means one listener.
    /// </summary>
    public static string? ListenHost(PeerOptions peer)
    {
        if (string.IsNullOrEmpty(peer.ListenHost) || peer.ListenHost.Equals("ANY", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (!IsTcp(peer))
        {
            return peer.ListenHost; // the transport knows what it means
        }

        return HostText.TryParseAddress(peer.ListenHost, out var address) ? HostText.Plain(address).ToString() : peer.ListenHost.ToLowerInvariant();
    }

    public static bool IsTcp(PeerOptions peer) => "tcp".Equals(peer.Transport, StringComparison.OrdinalIgnoreCase);

    public static bool IsUnix(PeerOptions peer) => "unix".Equals(peer.Transport, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the peer's addresses are paths. What a registered transport takes is its own business: there, a path is one.</summary>
    public static bool UsesPaths(PeerOptions peer) =>
        IsUnix(peer) || (!IsTcp(peer) && !(string.IsNullOrEmpty(peer.ListenPath) && string.IsNullOrEmpty(peer.ConnectPath)));

    /// <summary>The idle time-out; zero never closes. Three hello periods; without a session the peer may be a classic C proxy, whose hello period
    /// is not ours.</summary>
    public static TimeSpan IdleTimeout(PeerOptions peer)
    {
        var shortest = peer.UseSession ? 0 : OptionRanges.ShortestClassicIdle.Ticks;
        return peer.IdleTimeout ?? TimeSpan.FromTicks(Math.Max(shortest, Math.Min(3 * peer.HelloPeriod.Ticks, OptionRanges.LongestTime.Ticks)));
    }

    /// <summary>Whether payloads are compressed. Without a session nothing is acknowledged, so that nothing can be measured.</summary>
    public static PayloadCompression Compress(PeerOptions peer) =>
        peer is { UseSession: false, Compress: PayloadCompression.Auto } ? PayloadCompression.Off : peer.Compress;

    /// <summary>TLS with the peer, or null.</summary>
    public static ResolvedTls? Tls(PeerOptions peer) => peer.Tls is not { } tls ? null : new(
        TlsFilesOf(tls), tls.RequireWhenAccepting, tls.UseWhenConnecting, tls.AllowTls12,
        !string.IsNullOrEmpty(tls.PeerName) ? [tls.PeerName]
            : [.. new[] { peer.Name, Host(peer) }.Select(HostText.WithoutBrackets).Distinct(StringComparer.OrdinalIgnoreCase)]);

    public static TlsFiles TlsFilesOf(TlsOptions tls) =>
        new(tls.CertificateFile, string.IsNullOrEmpty(tls.KeyFile) ? tls.CertificateFile : tls.KeyFile, tls.CaFile);

    /// <summary>Most commands a batch that is sent can have behind the outer one.</summary>
    /// <param name="dataModel">The data model.</param>
    /// <param name="maxPayload">Largest payload that the driver allows.</param>
    public static int MaxBatchCommands(DataModel dataModel, int maxPayload) =>
        WireLimits.MaxBatchCommands(WireLayout.For(dataModel), Math.Min(maxPayload, OptionRanges.BatchBytes));

    /// <summary>Whether a host to listen on is surely one address: neither a name, which may stand for any, nor the address that takes all.</summary>
    public static bool IsOneAddress(string host) =>
        HostText.TryParseAddress(host, out var address) && IsOneAddress(address);

    /// <summary>As <see cref="IsOneAddress(string)"/>, of an address.</summary>
    public static bool IsOneAddress(IPAddress address) => !HostText.Plain(address).Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);

    /// <summary>The name as the driver gets it: at most 15 bytes of UTF-8, no character cut in two.</summary>
    public static string DriverName(string name)
    {
        var bytes = 0;
        var length = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > DriverNameBytes)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return name[..length];
    }
}
