using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Tests.Faults.Schedules;

namespace Dvs.Proxy.Tests.Faults.Relays;

/// <summary>
/// A TCP relay with faults in it, between a sender and the place where its peer listens: for processes that must not know of it. An attempt
/// that is refused is accepted by the system, as always, and reset at once.
/// </summary>
internal sealed class FaultyRelay : IDisposable
{
    private readonly IPEndPoint _target;
    private readonly FaultSchedule _schedule;
    private readonly string _name;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<RelayLink, bool> _links = new();
    private readonly Thread _acceptor;
    private int _accepted;
    private volatile bool _disposed;

    /// <summary>A relay on an address of its own, started.</summary>
    /// <param name="target">Where it connects to for every connection it accepts.</param>
    /// <param name="schedule">The faults.</param>
    /// <param name="name">Name of the link.</param>
    public FaultyRelay(IPEndPoint target, FaultSchedule schedule, string name)
    {
        _target = target;
        _schedule = schedule;
        _name = name;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Parse(TestDoubles.LoopbackPort.NewAddress()), 0));
        _listener.Listen(64);
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _acceptor = new Thread(Accept) { IsBackground = true, Name = "faulty relay" };
        _acceptor.Start();
    }

    /// <summary>Where to connect to.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    public void Dispose()
    {
        _disposed = true;
        _listener.Dispose();
        _acceptor.Join();
        foreach (var link in _links.Keys)
        {
            link.Dispose();
        }
    }

    private void Accept()
    {
        while (!_disposed)
        {
            try
            {
                Relay(_listener.Accept());
            }
            catch (SocketException)
            {
                // Closed, or the caller has gone already.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Relay(Socket client)
    {
        var ordinal = _accepted++;
        if (_schedule.Refuses($"{_name} attempt", ordinal))
        {
            RelayLink.Reset(client);
            return;
        }

        var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            server.Bind(new IPEndPoint(EndPoint.Address, 0));
            server.Connect(_target);
        }
        catch (SocketException)
        {
            server.Dispose();
            RelayLink.Reset(client);
            return;
        }

        var link = new RelayLink(client, server, _schedule.Script($"{_name} out", ordinal), _schedule.Script($"{_name} back", ordinal));
        _links[link] = true;
        link.Start(() => _links.TryRemove(link, out _));
    }
}
