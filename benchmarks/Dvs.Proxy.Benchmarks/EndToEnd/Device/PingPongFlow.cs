using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// One message there and back. What the receiver thread brings in lets the sender thread hand out the next: the device answers on another
/// thread, and both ends sleep in the driver in between. The round trip is the whole circle, from one answer to the next.
/// </summary>
internal sealed class PingPongFlow : PairFlow
{
    private readonly CommandHeader _template;
    private readonly bool _starts;
    private long _started;
    private int _ready;

    public PingPongFlow(int localNode, int peerNode, TimeSpan spin, bool starts)
        : base(localNode, peerNode, spin)
    {
        _starts = starts;
        Latency = starts ? new LatencyRecorder() : null;
        _template = CreateTemplate(starts ? CommandCode.SendReceiveMessage : CommandCode.ReplyMessage, 0);
    }

    public override LatencyRecorder? Latency { get; }

    public override DvkError Put(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Copy.SourceAddress != (ulong)Received.Commands)
        {
            Errors++;
        }

        Latency?.AddSince(_started);
        Received.Commands++;
        Received.Bytes += BlockContent.HeaderSize;
        if (!_starts || IsOpen)
        {
            MakeReady();
        }

        return DvkError.Ok;
    }

    protected override void OnOpened(bool isOpen)
    {
        if (isOpen && _starts)
        {
            MakeReady();
        }
    }

    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        header = _template;
        if (Volatile.Read(ref _ready) == 0)
        {
            return false;
        }

        Volatile.Write(ref _ready, 0);
        header.Copy.SourceAddress = (ulong)Sent.Commands;
        Sent.Commands++;
        Sent.Bytes += BlockContent.HeaderSize;
        return true;
    }

    private void MakeReady()
    {
        _started = LatencyRecorder.Now;
        Volatile.Write(ref _ready, 1);
        Wake();
    }
}
