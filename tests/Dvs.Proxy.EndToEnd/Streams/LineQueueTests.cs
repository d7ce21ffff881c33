using System.Globalization;
using System.Text;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.EndToEnd.Streams;

/// <summary>A log that nobody reads, or that cannot be written, holds nobody up.</summary>
public class LineQueueTests
{
    [Fact]
    public async Task Where_nobody_reads_who_adds_goes_on_and_what_was_left_out_is_counted_and_said()
    {
        using var stream = new GatedStream();
        var queue = new LineQueue(stream);
        var line = new string('x', 999) + "\n";
        const int Count = 2 * LineQueue.Capacity / 1000 + 100;

        // On a thread of the test's, so that one that waits fails instead of hanging.
        await Task.Run(() =>
        {
            for (var number = 0; number < Count; number++)
            {
                queue.Add(line);
            }
        }).WaitAsync(Limits.Condition);

        Assert.InRange(queue.LeftOut, 1, Count - 1);
        Assert.False(queue.Drain(TimeSpan.FromMilliseconds(20)));
        stream.Open();
        Assert.True(queue.Drain(Limits.Condition));
        queue.Add("after\n");
        Assert.True(queue.Drain(Limits.Condition));
        var lines = stream.Text.Split('\n');
        Assert.Equal(Count - queue.LeftOut, lines.Count(static written => written.Length == 999));
        Assert.Equal([Notice(queue.LeftOut), "after", ""], lines[^3..]);
    }

    [Fact]
    public void What_could_not_be_written_is_counted_and_said_once_it_can()
    {
        using var stream = new GatedStream { Fault = new OutputException("No space left on device", isReaderGone: false) };
        stream.Open();
        var queue = new LineQueue(stream);
        foreach (var number in Enumerable.Range(0, 3))
        {
            queue.Add(string.Create(CultureInfo.InvariantCulture, $"lost {number}\n"));
            Assert.True(queue.Drain(Limits.Condition));
        }

        Assert.Equal(3, queue.LeftOut);
        stream.Fault = null;
        queue.Add("written\n");
        Assert.True(queue.Drain(Limits.Condition));

        Assert.Equal($"\n{Notice(3)}\nwritten\n", stream.Text);
        Assert.Equal(3, queue.LeftOut);
    }

    [Fact]
    public void A_fault_that_nobody_thought_of_does_not_end_the_log()
    {
        using var stream = new GatedStream { Fault = new InvalidOperationException("on purpose") };
        stream.Open();
        var queue = new LineQueue(stream);
        queue.Add("lost\n");
        Assert.True(queue.Drain(Limits.Condition));
        stream.Fault = null;

        queue.Add("written\n");

        Assert.True(queue.Drain(Limits.Condition));
        Assert.EndsWith("written\n", stream.Text, StringComparison.Ordinal);
    }

    private static string Notice(long count) => string.Create(CultureInfo.InvariantCulture, $"{count} log lines were left out: nobody read them, or they could not be written.");

    /// <summary>Takes nothing until it is opened, as a pipe that nobody reads.</summary>
    private sealed class GatedStream : MemoryStream
    {
        private readonly ManualResetEventSlim _gate = new();
        private volatile Exception? _fault;

        public Exception? Fault
        {
            get => _fault;
            set => _fault = value;
        }

        public string Text => Encoding.UTF8.GetString(ToArray());

        public void Open() => _gate.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _gate.Wait();
            if (Fault is { } fault)
            {
                throw fault;
            }

            base.Write(buffer.ToArray(), 0, buffer.Length);
        }
    }
}
