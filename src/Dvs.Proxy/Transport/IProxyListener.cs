namespace Dvs.Proxy.Transport;

/// <summary>A place where peers connect. Disposing it ends a waiting <see cref="AcceptAsync"/>; accepted connections live on.</summary>
public interface IProxyListener : IAsyncDisposable
{
    /// <summary>Where it listens, with the port the system chose if none was given.</summary>
    TransportEndpoint LocalEndpoint { get; }

    /// <summary>The next connection, or null once the listener was disposed. One caller at a time.</summary>
    /// <exception cref="ProxyTransportException">The listener broke.</exception>
    ValueTask<ProxyConnection?> AcceptAsync(CancellationToken cancellationToken);
}
