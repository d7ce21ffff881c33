using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>
/// Owns what the driver holds for the state of one direction of a pair. It follows the real connection, but for a session's resume window,
/// in which a lost connection is not told. The direction's proxy thread owns it; another thread may tell the driver that the direction is
/// disconnected where the owner does not come to it: so the calls are made one at a time. Behaviour: MultiNodeProxyTests, PairEndingTests.
/// </summary>
internal sealed class DriverConnection(PairContext context, ProxyConnectionChange connected, ProxyConnectionChange disconnected)
{
    private readonly object _gate = new();
    private volatile bool _isConnected;
    private bool _isToldDisconnected;

    /// <summary>True while the driver holds the direction for connected.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Tells the driver of a connection, if it does not know. Returns its error, which is logged; null if it is content.</summary>
    public DvkError? Connect()
    {
        lock (_gate)
        {
            if (_isConnected)
            {
                return null;
            }

            var result = context.Device.SetProxyConnection(context.Peer.ProxyId, connected);
            if (result < DvkError.Ok)
            {
                ProxyLog.ConnectionChangeRefused(context.Logger, context.Name, connected.ToString(), result.Describe());
                return result;
            }

            (_isConnected, _isToldDisconnected) = (true, false);
            return null;
        }
    }

    /// <summary>The driver's refusal of a connection as the end of it.</summary>
    public static ConnectionEnd DescribeRefusal(DvkError error) =>
        new(ConnectionEndCause.DriverRefused, $"the driver refused the connection: {error.Describe()}");

    /// <summary>Tells the driver that the connection is gone, if it does not know. Any thread.</summary>
    public void Disconnect()
    {
        if (_isConnected)
        {
            End();
        }
    }

    /// <summary>
    /// Tells the driver that the direction is disconnected, unless that was the last thing it was told; also where it was never connected,
    /// so that the pair ends in a known state. When this returns, the driver knows. Any thread.
    /// </summary>
    public void End()
    {
        lock (_gate)
        {
            if (!_isToldDisconnected && context.Binding.IsBound)
            {
                context.Device.SetProxyConnection(context.Peer.ProxyId, disconnected);
            }

            (_isConnected, _isToldDisconnected) = (false, true);
        }
    }

    /// <summary>The driver itself says that it holds the direction for disconnected.</summary>
    public void OnDriverDisconnected()
    {
        lock (_gate)
        {
            (_isConnected, _isToldDisconnected) = (false, true);
        }
    }
}
