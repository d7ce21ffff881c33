using Dvs.Proxy.Configuration.Resolved;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>Rules for <see cref="PeerOptions.SecretFile"/>.</summary>
internal static class SecretRules
{
    private const string Option = nameof(PeerOptions.SecretFile);

    /// <summary>Checks one peer alone, without a look at the file.</summary>
    public static void Check(OptionSubject subject, PeerOptions peer)
    {
        if (!string.IsNullOrEmpty(peer.SecretFile) && !peer.UseSession && !subject.IsRefused(Option))
        {
            subject.Error(
                Option, peer.SecretFile, "a shared secret needs a reliable session: classic proxies know none",
                $"{subject.NameOf(nameof(PeerOptions.UseSession))} YES",
                "Switch sessions on here and on the peer, or leave the secret out.");
        }
    }

    /// <summary>What the files hold. Each is read, and complained of, once.</summary>
    public static void CheckFiles(IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        HashSet<string> seen = [];
        foreach (var (peer, subject) in peers)
        {
            if (!string.IsNullOrEmpty(peer.SecretFile) && seen.Add(peer.SecretFile))
            {
                CheckFile(subject, peer.SecretFile);
            }
        }
    }

    private static void CheckFile(OptionSubject subject, string file)
    {
        if (SharedSecret.Load(file, out var problem) is null)
        {
            subject.Error(Option, file, problem!, $"a file with {SharedSecret.MinimumBytes}..{SharedSecret.MaximumBytes} secret bytes", SharedSecret.HowToMake);
        }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            subject.Warning(Option, file, "every user of this machine can read or write the secret", null, "Let only the proxy's user read it: chmod 600.");
        }
    }
}
