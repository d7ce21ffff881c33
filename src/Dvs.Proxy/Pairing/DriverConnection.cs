using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// What the driver holds for the state of one direction of a pair. It follows the real connection, but for a session's resume window, in which
/// a lost connection is not told. One owner: the direction's proxy thread.
/// </summary>
internal sealed class DriverConnection(PairContext context, ProxyConnectionChange connected, ProxyConnectionChange disconnected)
{
    /// <summary>True while the driver holds the direction for connected.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Tells the driver of a connection, if it does not know. Null: it is content; otherwise its refusal, which is logged.</summary>
    public DvkError? Connect()
    {
        if (IsConnected)
        {
            return null;
        }

        var result = context.Device.SetProxyConnection(context.Peer.ProxyId, connected);
        if (result < DvkError.Ok)
        {
            ProxyLog.ConnectionChangeRefused(context.Logger, context.Name, connected.ToString(), result.Describe());
            return result;
        }

        IsConnected = true;
        return null;
    }

    /// <summary>Tells the driver that the connection is gone, if it does not know.</summary>
    public void Disconnect()
    {
        if (IsConnected)
        {
            IsConnected = false;
            context.Device.SetProxyConnection(context.Peer.ProxyId, disconnected);
        }
    }

    /// <summary>The driver itself says that it holds the direction for disconnected.</summary>
    public void OnDriverDisconnected() => IsConnected = false;
}
