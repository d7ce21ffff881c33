using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Resolved;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>
/// What must hold at the other node where it may run a classic C proxy. This side cannot see it, and a C proxy that is told otherwise loses or
/// corrupts without a word; so each such key earns one warning, however many peers have it.
/// </summary>
internal static class ClassicPeerRules
{
    private const int MostNamed = 8;

    /// <summary>Whether the peer may be a C proxy: they know neither sessions nor TLS, and TCP alone.</summary>
    public static bool MayBeClassic(PeerOptions peer) => !peer.UseSession && EffectiveOptions.IsTcp(peer) && peer.Tls is not { UseWhenConnecting: true };

    public static void Check(IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        (PeerOptions Peer, OptionSubject Subject)[] classic = [.. peers.Where(static entry => MayBeClassic(entry.Peer))];
        Warn(
            classic, nameof(PeerOptions.Compress), static peer => peer.Compress == PayloadCompression.On,
            "a classic C proxy must have compress YES, too: with NO it hands compressed bytes to its driver as if they were the data");
        Warn(
            classic, nameof(PeerOptions.Batch), static peer => peer.Batch,
            "a classic C proxy must have batch YES and autobind NO: with batch NO it drops every command of a batch but the first, and "
                + "with autobind YES it breaks the "
                + "connection at a batched command of a process it does not know");
    }

    private static void Warn(
        (PeerOptions Peer, OptionSubject Subject)[] classic, string option, Func<PeerOptions, bool> isOn, string problem)
    {
        (PeerOptions Peer, OptionSubject Subject)[] concerned = [.. classic.Where(entry => isOn(entry.Peer) && !entry.Subject.IsRefused(option))];
        if (concerned.Length == 0)
        {
            return;
        }

        var first = concerned[0].Subject;
        var sequence = first.NameOf(nameof(PeerOptions.UseSession));
        first.Warning(
            option, "YES", problem, null,
            $"Make sure of it at {NamesOf(concerned)}, or set NO here; between proxies of this kind {sequence} YES on both nodes needs no such care.");
    }

    private static string NamesOf((PeerOptions Peer, OptionSubject Subject)[] concerned)
    {
        var names = string.Join(", ", concerned.Take(MostNamed).Select(static entry => DiagnosticBag.Show(entry.Peer.Name ?? "")));
        return concerned.Length <= MostNamed ? names : $"{names} and {concerned.Length - MostNamed} more";
    }
}
