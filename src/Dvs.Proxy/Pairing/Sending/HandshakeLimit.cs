using System.Globalization;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>Ends a connection whose handshake takes too long; disposed when the handshake is over.</summary>
internal sealed class HandshakeLimit : IDisposable
{
    private readonly ITimer _timer;
    private volatile bool _isOver;

    public HandshakeLimit(ProxyConnection connection, TimeSpan limit, TimeProvider time)
    {
        Limit = limit;
        _timer = time.CreateTimer(
            _ =>
            {
                _isOver = true;
                connection.Abort(new ConnectionEnd(
                    ConnectionEndCause.HandshakeTimeout,
                    string.Create(CultureInfo.InvariantCulture, $"its handshake took more than {limit.TotalSeconds:0.###} s")));
            },
            null,
            limit,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time there is.</summary>
    public TimeSpan Limit { get; }

    /// <summary>True once the time was up.</summary>
    public bool IsOver => _isOver;

    public void Dispose() => _timer.Dispose();
}
