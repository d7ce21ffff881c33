using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// What the driver holds for the state of one direction of a pair. It follows the real connection, but for a session's resume window, in which
/// a lost connection is not told. The direction's proxy thread owns it; another thread may tell the driver that the direction is disconnected
/// where the owner does not come to it.
/// </summary>
internal sealed class DriverConnection(PairContext context, ProxyConnectionChange connected, ProxyConnectionChange disconnected)
{
    private const int ToldConnected = 1;
    private const int ToldDisconnected = 2;

    // What the driver was told last; 0 is nothing yet.
    private int _told;

    /// <summary>True while the driver holds the direction for connected.</summary>
    public bool IsConnected => Volatile.Read(ref _told) == ToldConnected;

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

        Volatile.Write(ref _told, ToldConnected);
        return null;
    }

    /// <summary>Tells the driver that the connection is gone, if it does not know. Any thread.</summary>
    public void Disconnect()
    {
        if (Interlocked.CompareExchange(ref _told, ToldDisconnected, ToldConnected) == ToldConnected)
        {
            TellDisconnected();
        }
    }

    /// <summary>
    /// Tells the driver that the direction is disconnected, unless that was the last thing it was told; also where it was never connected, so that
    /// the pair ends in a known state. Any thread.
    /// </summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _told, ToldDisconnected) != ToldDisconnected)
        {
            TellDisconnected();
        }
    }

    /// <summary>The driver itself says that it holds the direction for disconnected.</summary>
    public void OnDriverDisconnected() => Volatile.Write(ref _told, ToldDisconnected);

    private void TellDisconnected()
    {
        if (context.Binding.IsBound)
        {
            context.Device.SetProxyConnection(context.Peer.ProxyId, disconnected);
        }
    }
}
