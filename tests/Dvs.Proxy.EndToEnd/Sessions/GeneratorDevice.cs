using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>Hands out commands 1, 2, 3, … as fast as they are fetched, until told to stop.</summary>
internal sealed class GeneratorDevice() : LoadDevice(SessionSettings.GeneratorNode)
{
    private readonly Lock _gate = new();
    private bool _isStopped;
    private long _handedOut;

    /// <summary>The number of the last command handed out. Final after <see cref="Stop"/>.</summary>
    public long HandedOut => Volatile.Read(ref _handedOut);

    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
        }
    }

    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                header = default;
                return false;
            }

            var number = _handedOut + 1;
            NumberedCommand.Create(number, out header, payload);
            Volatile.Write(ref _handedOut, number);
            return true;
        }
    }

    protected override void Give(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
    }
}
