namespace Dvs.Proxy.Transport;

/// <summary>A transport could not listen or connect. The message names the address and the reason.</summary>
public class ProxyTransportException : IOException
{
    /// <summary>A failure with its reason.</summary>
    public ProxyTransportException(string message)
        : base(message)
    {
    }

    /// <summary>A failure with its reason and cause.</summary>
    public ProxyTransportException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
