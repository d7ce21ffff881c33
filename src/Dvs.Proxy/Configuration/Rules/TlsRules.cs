using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Transport.Addresses;
using Dvs.Proxy.Transport.Tls;
using Dvs.Proxy.Transport.Tls.Certificates;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>Rules for <see cref="TlsOptions"/>.</summary>
internal static class TlsRules
{
    /// <summary>Option of the certificate's file, as the rules name it.</summary>
    public const string CertificateFile = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.CertificateFile);

    /// <summary>Option of the key's file.</summary>
    public const string KeyFile = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.KeyFile);

    /// <summary>Option of the authorities' file.</summary>
    public const string CaFile = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.CaFile);

    /// <summary>Option of the required TLS.</summary>
    public const string RequireWhenAccepting = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.RequireWhenAccepting);

    /// <summary>Option of TLS on own connections.</summary>
    public const string UseWhenConnecting = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.UseWhenConnecting);

    /// <summary>Option of TLS 1.2.</summary>
    public const string AllowTls12 = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.AllowTls12);

    /// <summary>Option of the peer's name.</summary>
    public const string PeerName = nameof(PeerOptions.Tls) + ":" + nameof(TlsOptions.PeerName);

    /// <summary>Checks one peer alone, without a look at the files.</summary>
    public static void Check(OptionSubject subject, PeerOptions peer)
    {
        if (peer.Tls is not { } tls)
        {
            return;
        }

        CheckIsSet(subject, CertificateFile, tls.CertificateFile, "a PEM file with this node's certificate");
        CheckIsSet(subject, CaFile, tls.CaFile, "a PEM file with the authorities that vouch for the peer");
        if (tls.PeerName is { } name && !subject.IsRefused(PeerName))
        {
            if (name.Contains('*', StringComparison.Ordinal))
            {
                subject.Error(PeerName, name, "wildcards match nothing", "the whole name in the peer's certificate");
            }
            else if (name.Length == 0 || name.Any(char.IsWhiteSpace))
            {
                subject.Error(PeerName, name, "no name", "the name in the peer's certificate");
            }
            else if (LooseIPv4.Read(name) is not null && HostText.Read(name) is { IsGood: false } text)
            {
                subject.Error(PeerName, name, text.Problem!, "the name or address in the peer's certificate", text.Suggestion);
            }
        }
    }

    /// <summary>Which certificate a port shows must be clear before it is known who asks.</summary>
    public static void CheckSharedPorts(ProxyOptions options, IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers)
    {
        Dictionary<(string Transport, int Port, string? Host), PeerOptions> first = [];
        foreach (var (peer, subject) in peers)
        {
            var path = EffectiveOptions.UsesPaths(peer) ? peer.ListenPath : null;
            var port = path is null ? EffectiveOptions.ListenPort(options, peer) : 0;
            if (peer.Tls is not { } tls || (port == 0 && path is null) || string.IsNullOrEmpty(peer.Transport))
            {
                continue;
            }

            var everywhere = path is null && peers.Any(other =>
                EffectiveOptions.ListenPort(options, other.Peer) == port && EffectiveOptions.ListenHost(other.Peer) is null);
            var place = (peer.Transport.ToUpperInvariant(), port, path ?? (everywhere ? null : EffectiveOptions.ListenHost(peer)));
            if (first.TryAdd(place, peer))
            {
                continue;
            }

            var others = first[place].Tls!;
            var shared = $"{(path is null ? $"port {port}" : Classic.Syntax.DiagnosticBag.Show(path))} is shared with "
                + $"{Classic.Syntax.DiagnosticBag.Show(first[place].Name ?? "")}";
            var expected = path is null ? "the same for all proxies of a port" : "the same for all proxies of a path";
            var suggestion = path is null ? "Give both the same, or another port." : "Give both the same, or another path.";
            var (mine, theirs) = (EffectiveOptions.TlsFilesOf(tls), EffectiveOptions.TlsFilesOf(others));
            if (mine.Certificate != theirs.Certificate)
            {
                subject.Error(CertificateFile, tls.CertificateFile, Differs(CertificateFile), expected, suggestion);
            }
            else if (mine.Key != theirs.Key)
            {
                subject.Error(KeyFile, tls.KeyFile, Differs(KeyFile), expected, suggestion);
            }
            else if (mine.Authorities != theirs.Authorities)
            {
                subject.Error(CaFile, tls.CaFile, Differs(CaFile), expected, suggestion);
            }
            else if (tls.AllowTls12 != others.AllowTls12)
            {
                subject.Error(AllowTls12, tls.AllowTls12, Differs(AllowTls12), expected, suggestion);
            }

            string Differs(string option) => $"{shared}, whose {subject.NameOf(option)} differs";
        }
    }

    /// <summary>What the files hold. Each set of files is read, and complained of, once.</summary>
    public static void CheckFiles(IReadOnlyList<(PeerOptions Peer, OptionSubject Subject)> peers, DateTimeOffset now)
    {
        HashSet<TlsFiles> seen = [];
        HashSet<TlsFileProblem> reported = [];
        foreach (var (peer, subject) in peers)
        {
            if (peer.Tls is not { } tls || string.IsNullOrEmpty(tls.CertificateFile) || string.IsNullOrEmpty(tls.CaFile)
                || !seen.Add(EffectiveOptions.TlsFilesOf(tls)))
            {
                continue;
            }

            List<TlsFileProblem> problems = [];
            TlsCredentialLoader.Load(EffectiveOptions.TlsFilesOf(tls), now, problems);
            var sameFile = EffectiveOptions.TlsFilesOf(tls) is { } files && files.Key == files.Certificate;
            foreach (var problem in problems.Where(reported.Add))
            {
                if (sameFile && problem.Kind == TlsFileKind.Key
                    && problems.Any(other => other.Kind == TlsFileKind.Certificate && other.Problem == problem.Problem))
                {
                    continue; // one file, one complaint
                }

                var (option, value) = problem.Kind switch
                {
                    TlsFileKind.Key when !sameFile => (KeyFile, tls.KeyFile),
                    TlsFileKind.Authorities => (CaFile, tls.CaFile),
                    _ => (CertificateFile, tls.CertificateFile),
                };
                subject.Error(option, value, problem.Problem, null, problem.Suggestion);
            }

            WarnIfOpen(subject, EffectiveOptions.TlsFilesOf(tls).Key, sameFile ? CertificateFile : KeyFile);
        }
    }

    private static void CheckIsSet(OptionSubject subject, string option, string? value, string expected)
    {
        if (string.IsNullOrEmpty(value) && !subject.IsRefused(option))
        {
            subject.Error(option, null, subject.IsMissing(option) ? "missing key" : "not set", expected);
        }
    }

    private static void WarnIfOpen(OptionSubject subject, string keyFile, string option)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(keyFile) && (File.GetUnixFileMode(keyFile) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            subject.Warning(option, keyFile, "every user of this machine can read or write the private key", null,
                "Let only the proxy's user read it: chmod 600.");
        }
    }
}
