using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>Hands out nothing and records what it is given.</summary>
internal sealed class SinkDevice(DeliveryRecord record) : LoadDevice(SessionSettings.SinkNode)
{
    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        header = default;
        return false;
    }

    protected override void Give(in CommandHeader header, ReadOnlySpan<byte> payload) =>
        record.Add(NumberedCommand.NumberOf(in header), NumberedCommand.IsIntact(in header, payload));
}
