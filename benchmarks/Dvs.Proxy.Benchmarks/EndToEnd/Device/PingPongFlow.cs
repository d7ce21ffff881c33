using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>
/// One message there and back. What the receiver thread brings in lets the sender thread hand out the next: the device answers on another
/// thread, and both ends sleep in the driver in between. The round trip is the whole circle, from one answer to the next. With bulk, another process of the node that starts
/// sends blocks without a pause; the driver has both in one queue, so the ping comes before the next block.
/// </summary>
internal sealed class PingPongFlow : PairFlow
{
    private readonly CommandHeader _template;
    private readonly CommandHeader _block;
    private readonly BlockContent? _bulk;
    private readonly bool _starts;
    private long _started;
    private int _ready;

    public PingPongFlow(int localNode, int peerNode, TimeSpan spin, bool starts, BlockContent? bulk = null)
        : base(localNode, peerNode, spin)
    {
        (_starts, _bulk) = (starts, bulk);
        Latency = starts ? new LatencyRecorder() : null;
        _template = CreateTemplate(starts ? CommandCode.SendReceiveMessage : CommandCode.ReplyMessage, 0);
        _block = CreateTemplate(CommandCode.CopyInData, BlockContent.Largest);
    }

    public override LatencyRecorder? Latency { get; }

    public override DvkError Put(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var number = Received.Commands;
        var isBlock = header.Command == CommandCode.CopyInData;
        if (header.Copy.SourceAddress != (ulong)number || (isBlock && !_bulk!.Check(payload, number)))
        {
            Errors++;
        }

        Received.Commands = number + 1;
        Received.Bytes += BlockContent.HeaderSize + payload.Length;
        if (isBlock)
        {
            return DvkError.Ok;
        }

        Latency?.AddSince(_started);
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
        if (Volatile.Read(ref _ready) == 0)
        {
            return TryTakeBlock(out header, payload);
        }

        Volatile.Write(ref _ready, 0);
        Write(in _template, Sent.Commands, out header);
        Sent.Commands++;
        Sent.Bytes += BlockContent.HeaderSize;
        return true;
    }

    private bool TryTakeBlock(out CommandHeader header, Span<byte> payload)
    {
        if (_bulk is null || !_starts || !IsOpen)
        {
            header = default;
            return false;
        }

        var number = Sent.Commands;
        Write(in _block, number, out header);
        _bulk.Fill(payload[..BlockContent.Largest], number);
        Sent.Commands = number + 1;
        Sent.Bytes += BlockContent.HeaderSize + BlockContent.Largest;
        return true;
    }

    private void MakeReady()
    {
        _started = LatencyRecorder.Now;
        Volatile.Write(ref _ready, 1);
        Wake();
    }
}
