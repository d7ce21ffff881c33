namespace Dvs.Proxy.Device;

/// <summary>What a proxy tells the driver of its connections (classic <c>parm_sts</c> of proxy_conn).</summary>
public enum ProxyConnectionChange
{
    /// <summary>The sender has a connection to the peer (<c>CONNECT_SPROXY</c>).</summary>
    SenderConnected = 1,

    /// <summary>The receiver has a connection from the peer (<c>CONNECT_RPROXY</c>).</summary>
    ReceiverConnected = 2,

    /// <summary>The sender lost its connection; waiting local processes fail with <see cref="DvkError.NotConnected"/> (<c>DISCONNECT_SPROXY</c>).</summary>
    SenderDisconnected = 3,

    /// <summary>The receiver lost its connection (<c>DISCONNECT_RPROXY</c>).</summary>
    ReceiverDisconnected = 4,
}
