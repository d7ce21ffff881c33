using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>Rules for the paths of a peer, whose transport takes them instead of hosts and ports, or does not.</summary>
internal static class PathRules
{
    private const string Expected = "an absolute file name, or @ and an abstract name";

    public static void Check(OptionSubject subject, PeerOptions peer)
    {
        if (EffectiveOptions.IsTcp(peer))
        {
            RefusePath(subject, nameof(PeerOptions.ListenPath), peer.ListenPath);
            RefusePath(subject, nameof(PeerOptions.ConnectPath), peer.ConnectPath);
        }
        else if (EffectiveOptions.UsesPaths(peer))
        {
            CheckPath(subject, nameof(PeerOptions.ListenPath), peer.ListenPath, peer);
            CheckPath(subject, nameof(PeerOptions.ConnectPath), peer.ConnectPath, peer);
            CheckDiffer(subject, peer);
            WarnOfOthers(subject, peer);
        }
    }

    private static void RefusePath(OptionSubject subject, string option, string? path)
    {
        if (!string.IsNullOrEmpty(path))
        {
            subject.Error(
                option, path, "a path, which TCP does not take", null, $"Remove it, or set {subject.NameOf(nameof(PeerOptions.Transport))} unix.");
        }
    }

    private static void CheckPath(OptionSubject subject, string option, string? path, PeerOptions peer)
    {
        if (subject.IsRefused(option))
        {
            return;
        }

        if (string.IsNullOrEmpty(path))
        {
            subject.Error(option, path, $"missing: {subject.NameOf(nameof(PeerOptions.Transport))} {peer.Transport} needs it", Expected);
        }
        else if (EffectiveOptions.IsUnix(peer) && UnixSocketAddress.FindProblem(path) is { } problem)
        {
            subject.Error(option, path, problem, Expected);
        }
    }

    private static void CheckDiffer(OptionSubject subject, PeerOptions peer)
    {
        const string Option = nameof(PeerOptions.ConnectPath);
        if (!string.IsNullOrEmpty(peer.ConnectPath) && peer.ConnectPath == peer.ListenPath && !subject.IsRefused(Option))
        {
            subject.Error(
                Option, peer.ConnectPath, $"the same as {subject.NameOf(nameof(PeerOptions.ListenPath))}: this node would connect to itself",
                "where the peer listens");
        }
    }

    private static void WarnOfOthers(OptionSubject subject, PeerOptions peer)
    {
        (string Option, object? Value)[] others =
        [
            (nameof(PeerOptions.Host), string.IsNullOrEmpty(peer.Host) ? null : peer.Host),
            (nameof(PeerOptions.ListenHost), EffectiveOptions.ListenHost(peer)),
            (nameof(PeerOptions.ListenPort), peer.ListenPort),
            (nameof(PeerOptions.ConnectPort), peer.ConnectPort),
            ($"{nameof(PeerOptions.Allow)}:0", peer.Allow is { Count: > 0 } allow ? allow[0] : null),
        ];
        foreach (var (option, value) in others)
        {
            // With TLS, the host is also a name that the peer's certificate may carry.
            if (value is not null && !(option == nameof(PeerOptions.Host) && peer.Tls is not null))
            {
                subject.Warning(
                    option, value, $"has no effect: the addresses of {subject.NameOf(nameof(PeerOptions.Transport))} {peer.Transport} "
                        + $"are paths", null, "Remove it.");
            }
        }
    }
}
