using System.Globalization;
using Dvs.Proxy.Tool.Campaign;

namespace Dvs.Proxy.Tool.Output;

/// <summary>
/// Prints the campaign for people: what the columns mean, a row as soon as a combination is done, then what the drivers saw and the verdict. What is being
/// done meanwhile stands in a line that is written over, where somebody watches.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="progress">The terminal of whoever watches; null for nobody.</param>
/// <param name="device">The driver of both nodes.</param>
internal sealed class CampaignTextWriter(TextWriter output, TextWriter? progress, string device) : ICampaignListener
{
    // To the beginning of the line, and empties it.
    private const string EraseLine = "\r\u001b[K";

    private static readonly string[] ExampleFiles = ["node0.cfg", "node1.cfg"];

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

    /// <summary>What is going to be seen; before anything is done.</summary>
    public void WriteHead()
    {
        output.WriteLine(
            $"""
            Two nodes, two processes, one driver each ({device}), TCP on loopback between their proxies, classic bytes.
            Processes of both nodes exchange messages and copy blocks under all {Combination.All.Count} combinations of three switches; every byte is checked.

              messages, blocks      arrived as expected, of every kind: requests, sends, notifications; copies of 1 byte to 1 MiB
              errors                of the processes; 0 is right
              messages/s            several pairs of processes at once
              MB/s                  copies, one at a time
              median, p99           round trip of a request and its reply, one pair of processes alone
              ratio                 bytes before compression for each byte on the wire
              batches               frames that carried more than one command

            """);
        _table.WriteHead();
        output.Flush();
    }

    public void OnStep(string step) => progress?.Write($"{EraseLine}… {step}");

    public void OnCombination(CombinationReport report)
    {
        progress?.Write(EraseLine);
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
        progress?.Write(EraseLine);
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
            WriteNext();
            return;
        }

        output.WriteLine($"FAILED: {done}, and this did not hold:");
        foreach (var failure in report.Failures)
        {
            output.WriteLine($"  {failure}");
        }
    }

    // Such as can be typed as they stand, wherever the program was started from.
    private void WriteNext()
    {
        var files = ExampleFiles.Select(static file => Path.Combine(AppContext.BaseDirectory, file)).Where(File.Exists).ToList();
        output.WriteLine();
        if (files.Count > 0)
        {
            output.WriteLine("Next, each in a terminal of its own:");
            files.ForEach(file => output.WriteLine($"  {ProgramLine.Program} run --config {ProgramLine.Argument(file)}"));
            output.WriteLine("and then, to watch node 0, and to see everything else there is:");
            output.WriteLine($"  {ProgramLine.Program} status --node 0");
        }
        else
        {
            output.WriteLine("Everything else there is:");
        }

        output.WriteLine($"  {ProgramLine.Program} --help");
    }

    private static string OnOff(bool value) => value ? "on" : "-";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
