using System.Diagnostics;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>Hands out nothing and records what it is given; may be told to die of it.</summary>
/// <param name="record">Where it records.</param>
/// <param name="killAt">The delivery, counted from 1, in the middle of which the process kills itself; 0 for never.</param>
internal sealed class SinkDevice(DeliveryRecord record, long killAt = 0) : LoadDevice(SessionSettings.SinkNode)
{
    private long _given;

    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        header = default;
        return false;
    }

    protected override void Give(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        // Even ones die before the command counts as given, odd ones after it, and before the driver's call returns.
        var dies = ++_given == killAt;
        if (dies && killAt % 2 == 0)
        {
            KillThisProcess();
        }

        record.Add(NumberedCommand.NumberOf(in header), NumberedCommand.IsIntact(in header, payload));
        if (dies)
        {
            KillThisProcess();
        }
    }

    // SIGKILL: no other thread gets a last word either.
    private static void KillThisProcess()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
