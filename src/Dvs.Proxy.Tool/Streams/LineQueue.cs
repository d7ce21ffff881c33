using System.Diagnostics;
using System.Globalization;

namespace Dvs.Proxy.Tool.Streams;

/// <summary>
/// Lines on their way to a stream that may be full, closed, or read by nobody. Whoever adds one never waits and never fails: a thread of the
/// queue's own writes, and what finds no room, or cannot be written, is counted and said in a line when writing goes on. Thread-safe.
/// </summary>
internal sealed class LineQueue
{
    /// <summary>Characters that wait at most.</summary>
    public const int Capacity = 1 << 20;

    private readonly Stream _stream;
    // Pulsed when a line has come, and when all is written.
    private readonly object _lock = new();
    private List<string> _waiting = [];
    private int _waitingCharacters;
    private long _refused;
    private long _unsaid;
    private long _leftOut;
    private bool _isWriting;
    private bool _isWithinLine;

    public LineQueue(Stream stream)
    {
        _stream = stream;
        new Thread(Run) { IsBackground = true, Name = "standard error" }.Start();
    }

    /// <summary>Lines that nobody will see.</summary>
    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>Adds text that ends with the end of a line, or a question that does not.</summary>
    public void Add(string text)
    {
        lock (_lock)
        {
            // Once a line has found no room, no later one may: the line that says so stands where they would.
            if (_refused > 0 || (_waitingCharacters > 0 && _waitingCharacters + text.Length > Capacity))
            {
                _refused++;
                Interlocked.Increment(ref _leftOut);
                return;
            }

            _waiting.Add(text);
            _waitingCharacters += text.Length;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until all is written, or the time is up.</summary>
    /// <returns>False when something still waits.</returns>
    public bool Drain(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            while (_isWriting || _waiting.Count > 0)
            {
                var left = limit - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lock, left))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private void Run()
    {
        while (true)
        {
            var (lines, refused) = Take();
            Write(lines);
            if (refused > 0)
            {
                _unsaid += refused;
                Write([]);
            }
        }
    }

    private (List<string> Lines, long Refused) Take()
    {
        lock (_lock)
        {
            _isWriting = false;
            Monitor.PulseAll(_lock);
            while (_waiting.Count == 0)
            {
                Monitor.Wait(_lock);
            }

            _isWriting = true;
            var taken = (_waiting, _refused);
            _waiting = [];
            _waitingCharacters = 0;
            _refused = 0;
            return taken;
        }
    }

    private void Write(List<string> lines)
    {
        var next = 0;
        try
        {
            if (_unsaid > 0)
            {
                WriteText(string.Create(
                    CultureInfo.InvariantCulture, $"{(_isWithinLine ? "\n" : "")}{_unsaid} log lines were left out: nobody read them, "
                        + $"or they could not be written.\n"));
                _unsaid = 0;
            }

            for (; next < lines.Count; next++)
            {
                WriteText(lines[next]);
            }
        }
        catch (Exception)
        {
            // Whatever it was: the next lines are tried again. What was written of a line before the disk was full is not a line.
            _isWithinLine |= next < lines.Count;
            _unsaid += lines.Count - next;
            Interlocked.Add(ref _leftOut, lines.Count - next);
        }
    }

    private void WriteText(string text)
    {
        _stream.Write(OutputWriter.Utf8.GetBytes(text));
        _isWithinLine = !text.EndsWith('\n');
    }
}
