using System.Net.Sockets;
using Dvs.Proxy.Transport.Sockets;

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

    /// <summary>A failure of a socket, in words that tell an operator what is the matter.</summary>
    /// <param name="purpose">What could not be done, with the address: <c>Cannot listen on *:3000</c>.</param>
    /// <param name="failure">What the system says.</param>
    public static ProxyTransportException Of(string purpose, SocketException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new ProxyTransportException($"{purpose}: {SocketErrorText.Of(failure.SocketErrorCode)}.", failure);
    }
}
