using System.Globalization;

namespace FileTransfer;

/// <summary>Says how far a transfer is: a bar on a terminal, lines where the output goes elsewhere.</summary>
internal sealed class Progress(TextWriter output, bool isTerminal)
{
    private const int Width = 40;
    private string _what = "";
    private long _length;
    private int _percent;

    /// <summary>The transfer begins, or goes on.</summary>
    public void Begin(string what, long offset, long length)
    {
        (_what, _length, _percent) = (what, length, -1);
        var resumed = offset == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"resumed at {offset:N0} of ");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {resumed}{length:N0} bytes"));
    }

    /// <summary>So many bytes are there.</summary>
    public void Advance(long offset)
    {
        var percent = (int)(100 * offset / _length);
        if (isTerminal && percent != _percent)
        {
            _percent = percent;
            output.Write($"\r[{new string('#', Width * percent / 100),-Width}] {percent,3} %");
        }
    }

    /// <summary>It does not go on for now.</summary>
    public void Interrupt(string reason) => output.WriteLine($"{EndOfBar}{_what}: interrupted ({reason})");

    /// <summary>It is done.</summary>
    public void End(string digest) => output.WriteLine($"{EndOfBar}{_what}: done, MD5 {digest} on both nodes");

    private string EndOfBar => isTerminal && _percent >= 0 ? "\n" : "";
}
