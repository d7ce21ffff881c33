using System.Globalization;
using System.Text;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Diagnostics;

/// <summary>A multi-node proxy at one moment. Immutable. <see cref="ToString"/> prints it for people.</summary>
public sealed class ProxyStatus
{
    /// <summary>Id of the local node.</summary>
    public required int NodeId { get; init; }

    /// <summary>When the proxy was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When this was read.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>All pairs, in the order of the configuration.</summary>
    public required IReadOnlyList<PairStatus> Pairs { get; init; }

    /// <summary>Log calls that failed, because the log threw; what they would have said is lost.</summary>
    public long LogFailures { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"node {NodeId}, up {TakenAt - StartedAt:d\\.hh\\:mm\\:ss}, {Pairs.Count(pair => pair.IsConnected)} of {Pairs.Count} "
            + $"peers connected\n");
        text.Append("peer             id dir  state      frames     commands   raw bytes      wire bytes     errors lost  reconn  remote / last error\n");
        foreach (var pair in Pairs)
        {
            AppendLine(text, pair.Name, pair.NodeId, "send", pair.Sender);
            AppendLine(text, "", pair.NodeId, "recv", pair.Receiver);
            AppendTls(text, pair);
            AppendCompression(text, pair);
            if (pair.AnotherProcess is { } another)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"{"",-16} {pair.NodeId,2} !!   another process at {ForeignText.Escape(another)} speaks for this node, too; it is refused\n");
            }

            if (pair.Conditions != PairConditions.None)
            {
                text.Append(CultureInfo.InvariantCulture, $"{"",-16} {pair.NodeId,2} half there: {pair.Conditions}\n");
            }
        }

        if (LogFailures > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Counted.Of(LogFailures, "log call")} failed\n");
        }

        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, string name, int nodeId, string direction, DirectionSnapshot counters) =>
        text.Append(CultureInfo.InvariantCulture,
            $"{ForeignText.EscapeName(name),-16} {nodeId,2} {direction} {counters.State,-10} {counters.Frames,-10} {counters.Commands,-10} "
                + $"{counters.RawBytes,-14} {counters.WireBytes,-14} {counters.CommandErrors,-6} {counters.Lost,-5} "
                + $"{Math.Max(0, counters.Connects - 1),-7} {ForeignText.Escape(counters.Remote ?? counters.LastError ?? "-")}\n");

    private static void AppendCompression(StringBuilder text, PairStatus pair)
    {
        if (pair.Sender.CompressedFrames > 0 || pair.Sender.IsCompressing)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{"",-16} {pair.NodeId,2} lz4  {(pair.Sender.IsCompressing ? "on" : "off")} at present; "
                + $"{Counted.Of(pair.Sender.CompressedFrames, "frame")} compressed\n");
        }
    }

    private static void AppendTls(StringBuilder text, PairStatus pair)
    {
        if (pair.OwnCertificateExpires is { } expires)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{"",-16} {pair.NodeId,2} tls  our certificate {ForeignText.Escape(pair.OwnCertificateSubject ?? "")}, valid until {Date(expires)}\n");
            AppendTls(text, "to", pair.Sender.Tls);
            AppendTls(text, "from", pair.Receiver.Tls);
        }
    }

    private static void AppendTls(StringBuilder text, string direction, TlsStatus? tls)
    {
        if (tls is not null)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{"",-24} {direction,-4} {tls.Protocol}; its certificate {ForeignText.Escape(tls.PeerSubject)}, valid until {Date(tls.PeerExpires)}\n");
        }
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
