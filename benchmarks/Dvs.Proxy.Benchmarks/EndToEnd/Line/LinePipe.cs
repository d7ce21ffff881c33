using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// One direction of a relayed connection. A thread reads into a ring, and notes when each piece arrives at the other end; another sends it on from there, byte by byte as the
/// line gives them out, to a fifth of a millisecond. A full ring is not read into: the back-pressure is TCP's.
/// </summary>
internal sealed partial class LinePipe(Socket source, Socket target, LineDirection line)
{
    private const int LargestRead = 64 * 1024;
    private const int LeastPiece = 1500;
    private const double LeastSeconds = 0.0002;
    private const int SetTimerSlack = 29;
    private const int StackSize = 128 * 1024;

    private readonly byte[] _ring = GC.AllocateUninitializedArray<byte>(line.Capacity, pinned: true);
    private readonly Queue<(long End, long ArrivesAt)> _pieces = new(1024);
    private readonly object _gate = new();
    private readonly int _leastPiece = (int)Math.Clamp(
        line.TicksPerByte > 0 ? LeastSeconds * Stopwatch.Frequency / line.TicksPerByte : LargestRead, LeastPiece, LargestRead);

    // All bytes that were ever read, and sent on.
    private long _read;
    private long _sent;
    private bool _hasEnded;

    public void Start()
    {
        StartThread(Read);
        StartThread(Send);
    }

    private void StartThread(Action body) => new Thread(() => Run(body), StackSize) { IsBackground = true }.Start();

    private void Run(Action body)
    {
        try
        {
            body();
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            source.Dispose();
            target.Dispose();
        }
        finally
        {
            lock (_gate)
            {
                _hasEnded = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Read()
    {
        while (WaitForRoom() is var room and > 0)
        {
            var at = (int)(_read % _ring.Length);
            var count = source.Receive(_ring.AsSpan(at, Math.Min(Math.Min(room, LargestRead), _ring.Length - at)));
            if (count == 0)
            {
                return;
            }

            var arrivesAt = line.Take(count);
            lock (_gate)
            {
                _read += count;
                _pieces.Enqueue((_read, arrivesAt));
                Monitor.PulseAll(_gate);
            }
        }
    }

    // The writer may still be at what it has: 0 where it is gone.
    private int WaitForRoom()
    {
        lock (_gate)
        {
            while (_read - _sent == _ring.Length && !_hasEnded)
            {
                Monitor.Wait(_gate);
            }

            return _hasEnded ? 0 : (int)(_ring.Length - (_read - _sent));
        }
    }

    private void Send()
    {
        // The kernel's leave to be 50 µs late turns into 200 on a virtual machine.
        _ = Control(SetTimerSlack, 1, 0, 0, 0);
        while (TryTakePiece(out var end, out var arrivesAt))
        {
            var start = _sent;
            while (_sent < end)
            {
                var until = Math.Min(end, _sent + _leastPiece);
                SleepUntil(arrivesAt + (long)((until - start) * line.TicksPerByte));

                // What came due meanwhile goes with it.
                var elapsed = Stopwatch.GetTimestamp() - arrivesAt;
                var due = line.TicksPerByte > 0 ? Math.Min(end, start + (long)(elapsed / line.TicksPerByte)) : end;
                SendOn(Math.Max(until, due));
            }
        }

        target.Shutdown(SocketShutdown.Send);
    }

    private bool TryTakePiece(out long end, out long arrivesAt)
    {
        lock (_gate)
        {
            while (_pieces.Count == 0 && !_hasEnded)
            {
                Monitor.Wait(_gate);
            }

            (end, arrivesAt) = _pieces.Count > 0 ? _pieces.Dequeue() : default;
            return end > 0;
        }
    }

    private void SendOn(long until)
    {
        var sent = _sent;
        while (sent < until)
        {
            var at = (int)(sent % _ring.Length);
            sent += target.Send(_ring.AsSpan(at, (int)Math.Min(until - sent, _ring.Length - at)));
        }

        lock (_gate)
        {
            var wasFull = _read - _sent == _ring.Length;
            _sent = sent;
            if (wasFull)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private static void SleepUntil(long moment)
    {
        var nanoseconds = (moment - Stopwatch.GetTimestamp()) * (1_000_000_000.0 / Stopwatch.Frequency);
        if (nanoseconds > 0)
        {
            var time = new TimeSpec { Seconds = (long)(nanoseconds / 1e9), Nanoseconds = (long)(nanoseconds % 1e9) };
            _ = Sleep(in time, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint value, nuint value3, nuint value4, nuint value5);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in TimeSpec time, nint left);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
