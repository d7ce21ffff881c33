using System.Globalization;
using Dvs.Proxy.Tool.Campaign;

namespace Dvs.Proxy.Tool.Output;

/// <summary>Prints the campaign for people: a row as soon as a combination is done, then what the drivers saw and the verdict.</summary>
internal sealed class CampaignTextWriter(TextWriter output, string device) : ICampaignListener
{
    private readonly TextTable _table = new(
        output,
        new("compress", 8),
        new("batch", 5),
        new("autobind", 8),
        new("messages", 8, IsNumber: true),
        new("blocks", 6, IsNumber: true),
        new("errors", 6, IsNumber: true),
        new("messages/s", 10, IsNumber: true),
        new("MB/s", 7, IsNumber: true),
        new("median µs", 9, IsNumber: true),
        new("p99 µs", 8, IsNumber: true),
        new("ratio", 5, IsNumber: true),
        new("batches", 7, IsNumber: true),
        new("verdict", 7));

    private bool _isHeadWritten;

    public void OnCombination(CombinationReport report)
    {
        if (!_isHeadWritten)
        {
            _isHeadWritten = true;
            output.WriteLine($"Two nodes, two processes, one driver each ({device}), TCP on loopback between their proxies, classic "
                + $"bytes. One row per combination:");
            output.WriteLine();
            _table.WriteHead();
        }

        _table.WriteRow(
            OnOff(report.Compress),
            OnOff(report.Batch),
            OnOff(report.AutoBind),
            Number(report.Messages, "0"),
            Number(report.Blocks, "0"),
            Number(report.Errors, "0"),
            Number(report.MessagesPerSecond, "0"),
            Number(report.MegabytesPerSecond, "0.0"),
            Number(report.RoundTripMedian, "0.0"),
            Number(report.RoundTripP99, "0.0"),
            Number(report.CompressionRatio, "0.00"),
            Number(report.Batches, "0"),
            report.Failures.Count == 0 ? "ok" : "FAILED");
    }

    public void WriteEnd(CampaignReport report)
    {
        if (report.Combinations.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("median and p99: sendrec round trip of one pair alone; MB/s: vcopy, one at a time, 1 byte to 1 MiB; ratio: "
                + "bytes before compression / bytes on the wire.");
        }

        foreach (var node in report.Nodes)
        {
            output.WriteLine();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"What the driver of node {node.NodeId} (process {node.ProcessId}) saw at the end of the last combination:"));
            foreach (var (name, text) in node.Views)
            {
                output.WriteLine();
                output.WriteLine($"/proc/dvs/{name}");
                output.Write(text);
            }
        }

        output.WriteLine();
        WriteVerdict(report);
    }

    private void WriteVerdict(CampaignReport report)
    {
        var messages = report.Combinations.Sum(static item => item.Messages);
        var blocks = report.Combinations.Sum(static item => item.Blocks);
        var megabytes = report.Combinations.Sum(static item => item.BlockBytes) / 1e6;
        var done = string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Combinations.Count} of {Combination.All.Count} combinations, {messages} messages and {blocks} blocks "
                + $"({megabytes:0} MB) verified in {report.ElapsedSeconds:0.0} s");
        if (report.Passed)
        {
            output.WriteLine($"PASSED: {done}, no error.");
            output.WriteLine("Next: dvs-proxy run --config node0.cfg (and node1.cfg in another terminal), dvs-proxy status, dvs-proxy "
                + "check-config FILE; --help tells more.");
            return;
        }

        output.WriteLine($"FAILED: {done}, and this did not hold:");
        foreach (var failure in report.Failures)
        {
            output.WriteLine($"  {failure}");
        }
    }

    private static string OnOff(bool value) => value ? "on" : "-";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
