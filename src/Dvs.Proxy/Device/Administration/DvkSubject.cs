namespace Dvs.Proxy.Device.Administration;

/// <summary>What a driver call was about, so that <see cref="DvkAdvice"/> can name it. Null where it does not apply.</summary>
/// <param name="NodeId">Node.</param>
/// <param name="DcId">DC.</param>
/// <param name="ProxyId">Proxy pair.</param>
/// <param name="Endpoint">Endpoint or slot number.</param>
public readonly record struct DvkSubject(int? NodeId = null, int? DcId = null, int? ProxyId = null, int? Endpoint = null)
{
    internal string Node => NodeId is { } id ? $"node {id}" : "the node";

    internal string Dc => DcId is { } id ? $"DC {id}" : "the DC";

    internal string Pair => ProxyId is { } id ? $"proxy pair {id}" : "the proxy pair";
}
