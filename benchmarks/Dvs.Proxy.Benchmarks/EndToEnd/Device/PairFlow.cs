using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// The commands of one pair: where they come from and where they end. The sender thread takes with <see cref="Get"/>, the receiver thread brings
/// with <see cref="Put"/>; the rest may come from any thread. Every command carries its number in <see cref="CopyDescriptor.SourceAddress"/>,
/// which a proxy passes on untouched, so the other end sees at once what is missing, repeated or out of order.
/// </summary>
internal abstract class PairFlow(int localNode, int peerNode, TimeSpan spin)
{
    private readonly WakeUp _wakeUp = new(spin);
    private volatile bool _isOpen;
    private volatile bool _interrupted;

    /// <summary>The node of this process.</summary>
    public int LocalNode => localNode;

    /// <summary>The node at the other end.</summary>
    public int PeerNode => peerNode;

    /// <summary>Commands handed out and taken in, with their bytes, headers included. Written by the proxy's threads.</summary>
    public readonly FlowCounters Sent = new();

    public readonly FlowCounters Received = new();

    /// <summary>Commands that came in a wrong order or with wrong content.</summary>
    public long Errors { get; protected set; }

    /// <summary>Round trips, where the flow has any.</summary>
    public virtual LatencyRecorder? Latency => null;

    public bool IsSenderConnected { get; set; }

    public bool IsReceiverConnected { get; set; }

    /// <summary>While closed, nothing is handed out.</summary>
    public bool IsOpen
    {
        get => _isOpen;
        set
        {
            _isOpen = value;
            OnOpened(value);
            _wakeUp.Set();
        }
    }

    /// <summary>A command if there is one.</summary>
    protected abstract bool TryTake(out CommandHeader header, Span<byte> payload);

    /// <summary>put2lcl.</summary>
    public abstract DvkError Put(in CommandHeader header, ReadOnlySpan<byte> payload);

    /// <summary>get2rmt.</summary>
    public DvkError Get(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds) =>
        TryTake(out header, payload) ? DvkError.Ok : Wait(out header, payload, timeoutMilliseconds);

    public void Interrupt()
    {
        _interrupted = true;
        _wakeUp.Set();
    }

    protected virtual void OnOpened(bool isOpen)
    {
    }

    /// <summary>Wakes the sender thread: there is something to take.</summary>
    protected void Wake() => _wakeUp.Set();

    protected CommandHeader CreateTemplate(CommandCode command, int length)
    {
        var header = ProtocolSamples.Message(1) with
        {
            Command = command,
            SourceNode = localNode,
            DestinationNode = peerNode,
            PayloadLength = length,
        };
        header.Copy.Length = length;
        return header;
    }

    /// <summary>Writes a header as a driver does that has it ready: once, in whole vectors, with its number in its place.</summary>
    /// <param name="template">All of it but the number.</param>
    /// <param name="number">Goes to <see cref="CopyDescriptor.SourceAddress"/>.</param>
    /// <param name="header">Where it is written.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Write(in CommandHeader template, long number, out CommandHeader header)
    {
        const int NumberBlock = 128;
        const int NumberIndex = 2;
        Unsafe.SkipInit(out header);
        ref var from = ref Unsafe.As<CommandHeader, byte>(ref Unsafe.AsRef(in template));
        ref var to = ref Unsafe.As<CommandHeader, byte>(ref header);
        Vector256.LoadUnsafe(ref from, 0).StoreUnsafe(ref to, 0);
        Vector256.LoadUnsafe(ref from, 32).StoreUnsafe(ref to, 32);
        Vector256.LoadUnsafe(ref from, 64).StoreUnsafe(ref to, 64);
        Vector256.LoadUnsafe(ref from, 96).StoreUnsafe(ref to, 96);
        Vector256.LoadUnsafe(ref from, NumberBlock).AsInt64().WithElement(NumberIndex, number).AsByte().StoreUnsafe(ref to, NumberBlock);
        header.Copy.Length = template.Copy.Length;
    }

    private DvkError Wait(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        var started = timeoutMilliseconds > 0 ? Stopwatch.GetTimestamp() : 0;
        while (true)
        {
            if (_interrupted)
            {
                _interrupted = false;
                header = default;
                return DvkError.Interrupted;
            }

            var left = timeoutMilliseconds;
            if (timeoutMilliseconds > 0)
            {
                left -= (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }

            if (left == 0 || (timeoutMilliseconds > 0 && left < 0))
            {
                header = default;
                return DvkError.TimedOut;
            }

            _wakeUp.Wait(left);
            if (TryTake(out header, payload))
            {
                return DvkError.Ok;
            }
        }
    }
}

/// <summary>Counters of one thread, on cache lines of their own.</summary>
internal sealed class FlowCounters
{
#pragma warning disable CS0169, IDE0051 // Distance to what lies before and behind.
    private readonly Padding _before;
    public long Commands;
    public long Bytes;
    private readonly Padding _behind;
#pragma warning restore CS0169, IDE0051

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 128)]
    private struct Padding;
}
