using System.Globalization;
using System.Net;
using System.Text;
using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Transport.Addresses;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>Rules for one peer alone that need no driver.</summary>
internal static class PeerRules
{
    public static void Check(OptionSubject subject, ProxyOptions options, PeerOptions peer)
    {
        CheckName(subject, peer);
        CheckProxyId(subject, peer);
        CheckTransportName(subject, peer);
        PathRules.Check(subject, peer);
        if (!EffectiveOptions.UsesPaths(peer))
        {
            CheckHosts(subject, peer);
            CheckPorts(subject, options, peer);
        }

        CheckTimes(subject, peer);
        CheckMaxBatch(subject, options, peer);
        CheckSession(subject, peer);
        CheckAllow(subject, peer);
        CheckDcs(subject, peer);
        SecretRules.Check(subject, peer);
        TlsRules.Check(subject, peer);
    }

    /// <summary>A default port (base port + an id) that is no port.</summary>
    public static void ReportDefaultPort(OptionSubject subject, string option, int basePort, int id, string idName) =>
        subject.Error(
            option, null, "missing, and its default is no port", OptionRanges.Port.ToString(),
            $"{subject.NameOf(nameof(ProxyOptions.BasePort))} {basePort} + {idName} {id} is {(long)basePort + id}: lower the base, or set this port.");

    private static void CheckName(OptionSubject subject, PeerOptions peer)
    {
        const string Option = nameof(PeerOptions.Name);
        if (subject.IsRefused(Option))
        {
            return;
        }

        if (string.IsNullOrEmpty(peer.Name))
        {
            subject.Error(Option, "", "not set", "the name of the peer node");
        }
        else if (HasBlanks(peer.Name))
        {
            subject.Error(Option, peer.Name, "has white space or control characters", "a name of one word");
        }
        else if (Encoding.UTF8.GetByteCount(peer.Name) > EffectiveOptions.DriverNameBytes)
        {
            subject.Warning(
                Option, peer.Name, $"longer than {EffectiveOptions.DriverNameBytes} bytes: the driver will know it as "
                    + $"{DiagnosticBag.Show(EffectiveOptions.DriverName(peer.Name))}", null,
                $"Choose a short name, and name the host under {subject.NameOf(nameof(PeerOptions.Host))}.");
        }
    }

    private static void CheckProxyId(OptionSubject subject, PeerOptions peer)
    {
        const string Option = nameof(PeerOptions.ProxyId);
        if (subject.IsRefused(Option))
        {
            return;
        }

        if (subject.IsMissing(Option))
        {
            subject.Error(Option, null, "missing key", $"the node id of the peer in proxy {DiagnosticBag.Show(peer.Name)}");
        }
        else if (peer.ProxyId < 0)
        {
            subject.Error(Option, peer.ProxyId, peer.ProxyId == -1 ? "not set" : "out of range", "the node id of the peer, from 0");
        }
    }

    private static void CheckTransportName(OptionSubject subject, PeerOptions peer)
    {
        if (string.IsNullOrEmpty(peer.Transport) && !subject.IsRefused(nameof(PeerOptions.Transport)))
        {
            subject.Error(nameof(PeerOptions.Transport), "", "not set", "the name of a transport");
        }
    }

    private static void CheckHosts(OptionSubject subject, PeerOptions peer)
    {
        var isTcp = EffectiveOptions.IsTcp(peer);
        var nameIsHost = string.IsNullOrEmpty(peer.Host);
        var hostOption = nameIsHost ? nameof(PeerOptions.Name) : nameof(PeerOptions.Host);
        var nameIsBad = nameIsHost && (string.IsNullOrEmpty(peer.Name) || HasBlanks(peer.Name));
        if (!nameIsBad && !subject.IsRefused(nameof(PeerOptions.Host)))
        {
            CheckHost(subject, hostOption, EffectiveOptions.Host(peer), nameof(PeerOptions.ConnectPort), isTcp);
        }

        if (EffectiveOptions.ListenHost(peer) is not null)
        {
            CheckHost(subject, nameof(PeerOptions.ListenHost), peer.ListenHost!, nameof(PeerOptions.ListenPort), isTcp);
        }
    }

    private static void CheckHost(OptionSubject subject, string option, string host, string portOption, bool isTcp)
    {
        if (subject.IsRefused(option))
        {
            return;
        }

        // What a registered transport takes for an address is its own business.
        var text = isTcp ? HostText.Read(host) : default;
        var problem = text.Problem ?? (!isTcp && HasBlanks(host) ? "no host" : null);
        var suggestion = host.Count(c => c == ':') == 1 ? $"The port goes into {subject.NameOf(portOption)}."
            : IsPort(host) ? $"{text.Suggestion} A port goes into {subject.NameOf(portOption)}." : text.Suggestion;
        if (text.Address is { } address && WhyUnusable(address, option) is { } reason)
        {
            (problem, suggestion) = (reason, HostText.WhatInstead(address));
        }

        if (problem is not null)
        {
            var elsewhere = option == nameof(PeerOptions.Name) ? $"Name the host under {subject.NameOf(nameof(PeerOptions.Host))}." : null;
            subject.Error(option, host, problem, HostText.Expected,
                suggestion is null || elsewhere is null ? suggestion ?? elsewhere : $"{suggestion} {elsewhere}");
        }
    }

    private static bool IsPort(string host) => !host.StartsWith('0')
        && ushort.TryParse(host, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > byte.MaxValue;

    // One may listen on every address, but not connect to it.
    private static string? WhyUnusable(IPAddress address, string option) =>
        option == nameof(PeerOptions.ListenHost) && !EffectiveOptions.IsOneAddress(address) ? null : HostText.WhyNoHost(address);

    private static void CheckPorts(OptionSubject subject, ProxyOptions options, PeerOptions peer)
    {
        if (peer.ConnectPort is { } connectPort)
        {
            ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.ConnectPort), connectPort, OptionRanges.Port);
        }

        if (peer.ListenPort is { } listenPort)
        {
            ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.ListenPort), listenPort, OptionRanges.PortOrZero);
        }
        else if (peer.ProxyId >= 0 && OptionRanges.Port.Contains(options.BasePort) && !subject.IsRefused(nameof(PeerOptions.ListenPort))
            && (long)options.BasePort + peer.ProxyId > OptionRanges.Port.Maximum && peer.ProxyId <= OptionRanges.Port.Maximum)
        {
            ReportDefaultPort(subject, nameof(PeerOptions.ListenPort), options.BasePort, peer.ProxyId, subject.NameOf(nameof(PeerOptions.ProxyId)));
        }
    }

    private static void CheckTimes(OptionSubject subject, PeerOptions peer)
    {
        if (peer.Spin < TimeSpan.Zero || peer.Spin > OptionRanges.LongestSpin)
        {
            subject.Error(nameof(PeerOptions.Spin), peer.Spin, "out of range", $"a time up to {Show(OptionRanges.LongestSpin)}, or 0 to sleep at once");
        }

        var helloIsGood = ProxyOptionsRules.CheckTime(subject, nameof(PeerOptions.HelloPeriod), peer.HelloPeriod)
            && !subject.IsRefused(nameof(PeerOptions.HelloPeriod));
        ProxyOptionsRules.CheckTime(subject, nameof(PeerOptions.ConnectTimeout), peer.ConnectTimeout);
        var backoffIsGood = ProxyOptionsRules.CheckTime(subject, nameof(PeerOptions.BackoffMinimum), peer.BackoffMinimum)
            & ProxyOptionsRules.CheckTime(subject, nameof(PeerOptions.BackoffMaximum), peer.BackoffMaximum);
        if (backoffIsGood && peer.BackoffMinimum > peer.BackoffMaximum && !subject.IsRefused(nameof(PeerOptions.BackoffMinimum)))
        {
            subject.Error(nameof(PeerOptions.BackoffMinimum), peer.BackoffMinimum, "first wait is longer than the longest",
                $"at most the longest wait, {Show(peer.BackoffMaximum)}");
        }

        if (peer.IdleTimeout is { } idle && idle != TimeSpan.Zero && !subject.IsRefused(nameof(PeerOptions.IdleTimeout)))
        {
            CheckIdle(subject, peer, idle, helloIsGood);
        }
    }

    private static void CheckIdle(OptionSubject subject, PeerOptions peer, TimeSpan idle, bool helloIsGood)
    {
        if (idle < TimeSpan.Zero || idle > OptionRanges.LongestTime)
        {
            subject.Error(nameof(PeerOptions.IdleTimeout), idle, "out of range", "a time up to 24 days, or 0 for never");
        }
        else if (helloIsGood && idle <= peer.HelloPeriod)
        {
            subject.Error(
                nameof(PeerOptions.IdleTimeout), idle, "not longer than the hello period: a silent peer would be cut off between two hellos",
                $"more than {subject.NameOf(nameof(PeerOptions.HelloPeriod))} ({Show(peer.HelloPeriod)}), or 0 for never");
        }
        else if (ClassicPeerRules.MayBeClassic(peer) && idle < OptionRanges.ShortestClassicIdle)
        {
            subject.Warning(
                nameof(PeerOptions.IdleTimeout), idle, "a healthy classic C proxy would be cut off: it says hello every 30 s, and does not connect again",
                $"at least {Show(OptionRanges.ShortestClassicIdle)}, or 0 for never",
                $"Leave it out, or, where the peer is no C proxy, set {subject.NameOf(nameof(PeerOptions.UseSession))} YES on both nodes.");
        }
    }

    private static void CheckMaxBatch(OptionSubject subject, ProxyOptions options, PeerOptions peer)
    {
        if (peer.MaxBatchCommands is { } maxBatch && Enum.IsDefined(options.DataModel))
        {
            ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.MaxBatchCommands), maxBatch,
                new OptionRange(0, EffectiveOptions.MaxBatchCommands(options.DataModel, WireLimits.DefaultMaxPayload)));
        }
    }

    private static void CheckSession(OptionSubject subject, PeerOptions peer)
    {
        if (peer.WindowBytes is { } windowBytes)
        {
            ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.WindowBytes), windowBytes, OptionRanges.Window);
        }

        ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.LargestWindowBytes), peer.LargestWindowBytes, OptionRanges.Window);
        ProxyOptionsRules.CheckRange(subject, nameof(PeerOptions.WindowFrames), peer.WindowFrames, OptionRanges.WindowFrames);
        if (peer.AcknowledgementDelay < TimeSpan.Zero || peer.AcknowledgementDelay > OptionRanges.LongestAcknowledgeDelay)
        {
            subject.Error(nameof(PeerOptions.AcknowledgementDelay), peer.AcknowledgementDelay, "out of range",
                $"a time up to {Show(OptionRanges.LongestAcknowledgeDelay)}, or 0 to acknowledge at once");
        }

        if ((peer.ResumeWindow < TimeSpan.Zero || peer.ResumeWindow > OptionRanges.LongestTime) && !subject.IsRefused(nameof(PeerOptions.ResumeWindow)))
        {
            subject.Error(nameof(PeerOptions.ResumeWindow), peer.ResumeWindow, "out of range", "a time up to 24 days, or 0 to tell the driver at once");
        }

        if (!Enum.IsDefined(peer.FrameDigest))
        {
            subject.Error(nameof(PeerOptions.FrameDigest), peer.FrameDigest, "not a digest", "XXH128, MD5 or NO");
        }
        else if (peer.FrameDigest == FrameDigestKind.Md5 && !peer.UseSession)
        {
            subject.Error(
                nameof(PeerOptions.FrameDigest), "MD5", "digests need a reliable session", $"{subject.NameOf(nameof(PeerOptions.UseSession))} YES",
                "Switch it on here and on the peer, or switch the digest off.");
        }
    }

    private static void CheckAllow(OptionSubject subject, PeerOptions peer)
    {
        for (var i = 0; i < (peer.Allow?.Count ?? 0); i++)
        {
            var option = $"{nameof(PeerOptions.Allow)}:{i}";
            if (!subject.IsRefused(option) && !AllowedAddress.TryParse(peer.Allow![i], out _, out var suggestion))
            {
                subject.Error(option, peer.Allow[i] ?? "", "not an address", "an IP address, or a prefix like 10.1.0.0/16", suggestion);
            }
        }
    }

    private static void CheckDcs(OptionSubject subject, PeerOptions peer)
    {
        for (var i = 0; i < (peer.Dcs?.Count ?? 0); i++)
        {
            if (peer.Dcs![i] < 0)
            {
                subject.Error($"{nameof(PeerOptions.Dcs)}:{i}", peer.Dcs[i], "out of range", "the id of a DC, from 0");
            }
        }
    }

    /// <summary>A time for people.</summary>
    public static string Show(TimeSpan time) => time.TotalSeconds >= 1
        ? FormattableString.Invariant($"{time.TotalSeconds:0.###} s")
        : FormattableString.Invariant($"{time.TotalMilliseconds:0.###} ms");

    private static bool HasBlanks(string text) => text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
}
