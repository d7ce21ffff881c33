using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tool.Operator;
using Dvs.Proxy.Tool.Output;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.EndToEnd.Output;

/// <summary>A name that comes from the driver, a peer or a file stays within its place in its line, whatever it is made of.</summary>
public class ForeignNamesTests
{
    // A line that looks like one of ours, the end of the screen, text that runs backwards, an invisible character beyond the basic plane.
    private const string Hostile = "a\nDC 7\r\x1b[2J\u202e\U000E0041";
    private const string Shown = @"a\nDC 7\r\x1b[2J\u202e\udb40\udc41";

    [Fact]
    public void Names_of_the_driver_are_escaped()
    {
        var text = Print(new OperatorAnswer
        {
            Dvs = new DvsRecord(0, new DvsInfo { Name = Hostile }),
            Dcs = [new DcRecord([0], new DcInfo { DcId = 1, Name = Hostile, Flags = 0 })],
            Nodes = [new NodeRecord(false, [1], new NodeInfo { NodeId = 1, Name = Hostile, Flags = NodeFlags.Attached })],
            Processes = [new ProcessInfo { Number = 3, Name = Hostile }],
        });

        Assert.Contains($"node 0 of DVS \"{Shown}\", ", text, StringComparison.Ordinal);
        Assert.Contains($"DC 1 \"{Shown}\"\n", text, StringComparison.Ordinal);
        Assert.Contains($"node 1 \"{Shown}\": up", text, StringComparison.Ordinal);
        Assert.Contains($" {Shown} ", text, StringComparison.Ordinal);
        AssertIsFit(text);
    }

    [Fact]
    public void Names_of_a_configuration_file_are_escaped()
    {
        var peer = new ConfiguredPeer
        {
            Name = Hostile,
            NodeId = 1,
            Transport = Hostile,
            ConnectsTo = Hostile,
            ListensOn = Hostile,
            Compress = PayloadCompression.Off,
            Batch = false,
            AutoBind = false,
            SendPid = false,
        };
        var report = new ConfigurationReport
        {
            File = Hostile,
            Errors = 0,
            Warnings = 1,
            Diagnostics = [new ConfigurationDiagnostic { Severity = ConfigurationSeverity.Warning, File = Hostile, Problem = "odd" }],
            NodeId = 0,
            NodeName = Hostile,
            DataModel = "Lp64",
            Peers = [peer],
        };
        using var output = new StringWriter();

        ConfigurationTextWriter.Write(output, report);

        var lines = output.ToString().Split('\n');
        Assert.StartsWith($"{Shown}: warning: odd", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{Shown}: 0 errors, 1 warning.", lines[1], StringComparison.Ordinal);
        Assert.Equal($"Local node: 0 \"{Shown}\", abi lp64.", lines[2]);
        Assert.StartsWith($"{Shown}   1  {Shown}  {Shown}  {Shown}  NO ", lines[6], StringComparison.Ordinal);
        Assert.Equal(8, lines.Length);
        AssertIsFit(output.ToString());
    }

    [Fact]
    public void Names_of_peers_in_the_status_are_escaped()
    {
        var direction = new DirectionSnapshot { Remote = Hostile };
        var pair = new PairStatus { Name = Hostile, NodeId = 1, ConnectsTo = Hostile, ListensOn = Hostile, Sender = direction, Receiver = direction, AnotherProcess = Hostile };
        var status = new HostStatus(
            new ProxyStatus { NodeId = 0, StartedAt = DateTimeOffset.UnixEpoch, TakenAt = DateTimeOffset.UnixEpoch, Pairs = [pair] }, LogLinesLeftOut: 0);

        var lines = status.ToString().Split('\n');

        Assert.StartsWith($"{Shown} ", lines[2], StringComparison.Ordinal);
        Assert.EndsWith($" {Shown}", lines[2], StringComparison.Ordinal);
        Assert.Contains($"another process at {Shown} speaks", lines[4], StringComparison.Ordinal);
        Assert.Equal(6, lines.Length);
        AssertIsFit(status.ToString());
    }

    // What is fit needs nothing of the last net.
    private static void AssertIsFit(string text) => Assert.Equal(text, PrintableText.Escape(text));

    private static string Print(OperatorAnswer answer)
    {
        using var text = new StringWriter();
        OperatorTextWriter.Write(text, answer);
        return text.ToString();
    }
}
