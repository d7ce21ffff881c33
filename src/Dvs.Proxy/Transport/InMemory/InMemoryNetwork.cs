using System.Net;

namespace Dvs.Proxy.Transport.InMemory;

/// <summary>Who listens where. Hosts compare without regard to case; a listener without a host hears every host. Thread-safe.</summary>
internal sealed class InMemoryNetwork
{
    private const int FirstChosenPort = 49152;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port), InMemoryListener> _listeners = [];
    private int _lastChosenPort = FirstChosenPort - 1;

    /// <summary>Null if the address is in use.</summary>
    internal InMemoryListener? Listen(TransportEndpoint local)
    {
        lock (_lock)
        {
            var port = local.Port == 0 ? ChoosePort() : local.Port;
            var listener = new InMemoryListener(this, new TransportEndpoint(local.Host, port));
            return !IsTaken(local.Host, port) && _listeners.TryAdd(Key(local.Host, port), listener) ? listener : null;
        }
    }

    internal InMemoryListener? Find(TransportEndpoint remote)
    {
        lock (_lock)
        {
            return _listeners.GetValueOrDefault(Key(remote.Host, remote.Port)) ?? _listeners.GetValueOrDefault(Key(null, remote.Port));
        }
    }

    internal void Remove(InMemoryListener listener)
    {
        lock (_lock)
        {
            _listeners.Remove(Key(listener.LocalEndpoint.Host, listener.LocalEndpoint.Port));
        }
    }

    /// <summary>A port for the connecting side's name.</summary>
    internal int NextPort()
    {
        lock (_lock)
        {
            return ChoosePort();
        }
    }

    private static (string Host, int Port) Key(string? host, int port) => ((host ?? "*").ToUpperInvariant(), port);

    /// <summary>As with TCP, everywhere and somewhere cannot share a port.</summary>
    private bool IsTaken(string? host, int port)
    {
        foreach (var taken in _listeners.Keys)
        {
            if (taken.Port == port && (host is null || taken.Host == "*"))
            {
                return true;
            }
        }

        return false;
    }

    private int ChoosePort()
    {
        do
        {
            _lastChosenPort = _lastChosenPort == IPEndPoint.MaxPort ? FirstChosenPort : _lastChosenPort + 1;
        }
        while (_listeners.Keys.Any(taken => taken.Port == _lastChosenPort));

        return _lastChosenPort;
    }
}
