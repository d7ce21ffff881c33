using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The relay that is the line, seen by the coordinator.</summary>
internal sealed class LineProcess : IDisposable
{
    private readonly Process _process;

    public LineProcess(LinePlan plan)
    {
        var (file, prefix) = NodeProcess.SelfCommand();
        string[] arguments = [.. prefix, LineRelay.Verb, Text(plan.BytesPerSecond), Text(plan.RoundTripMilliseconds)];
        _process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>A port behind which is another, over the line.</summary>
    /// <param name="port">The other.</param>
    /// <param name="isBack">Whether the connection is made by the node that is the other's peer elsewhere: its bytes go the other way.</param>
    public int PortTo(int port, bool isBack = false) => int.Parse(Ask($"{(isBack ? "back" : "forth")} {Text(port)}"), CultureInfo.InvariantCulture);

    /// <summary>Listens no more; connections live on until one of their ends goes.</summary>
    public void Close() => Ask("close");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The relay that is the line has ended.");
    }
}
