using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Messages without a block, one after the other, as fast as they are asked for.</summary>
internal sealed class HeaderFlow : PairFlow
{
    private readonly CommandHeader _template;

    public HeaderFlow(int localNode, int peerNode, TimeSpan spin)
        : base(localNode, peerNode, spin)
    {
        _template = CreateTemplate(CommandCode.SendMessage, 0);
    }

    public override DvkError Put(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Copy.SourceAddress != (ulong)Received.Commands || header.Message.Type != _template.Message.Type)
        {
            Errors++;
        }

        Received.Commands++;
        Received.Bytes += BlockContent.HeaderSize;
        return DvkError.Ok;
    }

    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        if (!IsOpen)
        {
            header = default;
            return false;
        }

        Write(in _template, Sent.Commands, out header);
        Sent.Commands++;
        Sent.Bytes += BlockContent.HeaderSize;
        return true;
    }
}
