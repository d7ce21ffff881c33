using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Tool.Output;

/// <summary>Prints a <see cref="ConfigurationReport"/>: the diagnostics as editors understand them, a summary, the peers. Stateless.
/// Behaviour: CheckConfigTests, ForeignNamesTests.</summary>
internal static class ConfigurationTextWriter
{
    public static void Write(TextWriter output, ConfigurationReport report)
    {
        foreach (var diagnostic in report.Diagnostics)
        {
            output.WriteLine(ForeignText.Escape(diagnostic.ToString()));
        }

        output.WriteLine($"{ForeignText.Escape(report.File)}: {Count(report.Errors, "error")}, "
            + $"{Count(report.Warnings, "warning")}.{(report.Errors > 0 ? " The proxy would not start." : "")}");
        if (report.Errors > 0)
        {
            return;
        }

        var node = report.NodeId?.ToString(CultureInfo.InvariantCulture) ?? "as the driver says (default send ports, shown as 0, depend on it)";
        output.WriteLine($"Local node: {node}{(report.NodeName is null ? "" : $" \"{ForeignText.EscapeName(report.NodeName)}\"")}, abi "
            + $"{report.DataModel.ToLowerInvariant()}.");
        output.WriteLine();
        WritePeers(output, [.. report.Peers.Select(Escape)]);
    }

    private static void WritePeers(TextWriter output, IReadOnlyList<ConfiguredPeer> peers)
    {
        var table = new TextTable(
            output,
            new("peer", Widest(peers, static peer => peer.Name)),
            new("id", 2, IsNumber: true),
            new("proto", Widest(peers, static peer => peer.Transport)),
            new("connects to", Widest(peers, static peer => peer.ConnectsTo)),
            new("listens on", Widest(peers, static peer => peer.ListensOn)),
            new("compress", 8),
            new("batch", 5),
            new("autobind", 8),
            new("sendpid", 7));
        table.WriteHead();
        foreach (var peer in peers)
        {
            table.WriteRow(
                peer.Name,
                peer.NodeId.ToString(CultureInfo.InvariantCulture),
                peer.Transport,
                peer.ConnectsTo,
                peer.ListensOn,
                peer.Compress switch { PayloadCompression.On => "YES", PayloadCompression.Auto => "AUTO", _ => "NO" },
                YesNo(peer.Batch),
                YesNo(peer.AutoBind),
                YesNo(peer.SendPid));
        }
    }

    private static ConfiguredPeer Escape(ConfiguredPeer peer) => peer with
    {
        Name = ForeignText.EscapeName(peer.Name),
        Transport = ForeignText.EscapeName(peer.Transport),
        ConnectsTo = ForeignText.Escape(peer.ConnectsTo),
        ListensOn = ForeignText.Escape(peer.ListensOn),
    };

    private static int Widest(IReadOnlyList<ConfiguredPeer> peers, Func<ConfiguredPeer, string> cell) =>
        peers.Select(cell).Select(static text => text.Length).DefaultIfEmpty(0).Max();

    private static string YesNo(bool value) => value ? "YES" : "NO";

    private static string Count(int count, string noun) => string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");
}
