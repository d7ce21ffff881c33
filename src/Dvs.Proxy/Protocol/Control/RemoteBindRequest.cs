namespace Dvs.Proxy.Protocol.Control;

/// <summary>A process that the receiver should bind as a remote one: content of <see cref="ControlType.RemoteBind"/>.</summary>
/// <param name="DcId">The DC.</param>
/// <param name="Endpoint">The process's endpoint.</param>
/// <param name="NodeId">The process's node.</param>
/// <param name="Name">The process's name; 13 bytes of UTF-8 at most go over the wire.</param>
internal readonly record struct RemoteBindRequest(int DcId, int Endpoint, int NodeId, string Name);
