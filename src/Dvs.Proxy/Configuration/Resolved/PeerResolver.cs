using System.Net;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Configuration.Resolved;

/// <summary>Resolves valid options into what they mean on this node. Behaviour: PeerResolverTests.</summary>
internal static class PeerResolver
{
    /// <summary>The peers, in the order of the options.</summary>
    /// <param name="options">Options that passed <see cref="ProxyOptionsRules.Validate"/>.</param>
    /// <param name="limits">The driver's limits.</param>
    /// <param name="localNodeId">This node, as the driver or else the options say.</param>
    public static IReadOnlyList<ResolvedPeer> Resolve(ProxyOptions options, DvsInfo limits, int localNodeId)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(localNodeId);
        HashSet<(string Transport, int Port)> everywhere = [.. options.Peers
            .Where(peer => !EffectiveOptions.UsesPaths(peer) && EffectiveOptions.ListenHost(peer) is null)
            .Select(peer => ListenerOf(options, peer))];
        var mostBatched = EffectiveOptions.MaxBatchCommands(options.DataModel, limits.MaxCopyBuffer);
        return [.. options.Peers.Select(peer => Resolve(options, peer, localNodeId, mostBatched, everywhere))];
    }

    private static ResolvedPeer Resolve(
        ProxyOptions options, PeerOptions peer, int localNodeId, int mostBatched, HashSet<(string Transport, int Port)> everywhere)
    {
        var listenPort = EffectiveOptions.ListenPort(options, peer);

        // No second listener fits beside one that takes all addresses of the port (port 0 is another port each time).
        var listensEverywhere = listenPort != 0 && everywhere.Contains(ListenerOf(options, peer));
        var listenHost = listensEverywhere ? null : EffectiveOptions.ListenHost(peer);
        var usesPaths = EffectiveOptions.UsesPaths(peer);
        var idle = EffectiveOptions.IdleTimeout(peer);
        return new ResolvedPeer
        {
            Options = peer.Copy(),
            DriverName = EffectiveOptions.DriverName(peer.Name),
            Remote = usesPaths ? TransportEndpoint.AtPath(peer.ConnectPath ?? "") : new TransportEndpoint(
                HostText.WithoutBrackets(EffectiveOptions.Host(peer)), EffectiveOptions.ConnectPort(options, peer, localNodeId)),
            Listen = usesPaths ? TransportEndpoint.AtPath(peer.ListenPath ?? "")
                : new TransportEndpoint(listenHost is null ? null : HostText.WithoutBrackets(listenHost), listenPort),
            Compress = EffectiveOptions.Compress(peer),
            CompressBatches = peer.Compress == PayloadCompression.On && peer.CompressBatches,
            FrameDigest = peer.UseSession ? peer.FrameDigest : FrameDigestKind.None,
            MaxBatchCommands = Math.Min(peer.MaxBatchCommands ?? mostBatched, mostBatched),
            IdleTimeout = idle == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : idle,
            Allow = [.. peer.Allow.Select(Parse)],
            Dcs = peer.Dcs.Aggregate(0UL, static (dcs, dcId) => dcs | (1UL << dcId)),
            SecretFile = peer.UseSession && !string.IsNullOrEmpty(peer.SecretFile) ? peer.SecretFile : null,
            Tls = EffectiveOptions.Tls(peer),
        };
    }

    private static (string Transport, int Port) ListenerOf(ProxyOptions options, PeerOptions peer) =>
        (peer.Transport.ToUpperInvariant(), EffectiveOptions.ListenPort(options, peer));

    private static IPNetwork Parse(string allowed) => AllowedAddress.TryParse(allowed, out var network, out _)
        ? network
        : throw new ArgumentException($"\"{allowed}\" is not an address or prefix.", nameof(allowed));
}
