using System.Diagnostics;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The use that one direction of a pair makes of one connection: owns the connection, and what the status, the counters and the trace say of
/// it. Whatever ends the use, disposing of it gives the connection back. One thread: the direction's. Behaviour: SurvivalTests, TelemetryTests.
/// </summary>
internal sealed class ConnectionScope : IDisposable
{
    private readonly PairContext _context;
    private readonly DirectionCounters _counters;
    private readonly ProxyConnection _connection;
    private readonly string _direction;
    private ThreadOwner _owner;
    private Activity? _activity;
    private long _commandsBefore;
    private bool _isServing;

    /// <summary>Takes a connection over.</summary>
    /// <param name="context">The pair.</param>
    /// <param name="counters">The direction's counters.</param>
    /// <param name="connection">The connection; disposed of with this.</param>
    /// <param name="direction"><c>send</c> or <c>receive</c>.</param>
    public ConnectionScope(PairContext context, DirectionCounters counters, ProxyConnection connection, string direction)
    {
        (_context, _counters, _connection, _direction) = (context, counters, connection, direction);
        RemoteName = connection.RemoteName;
    }

    /// <summary>The peer's address, for people; also after the end.</summary>
    public string RemoteName { get; }

    /// <summary>The connection serves from now on: it is counted and shown.</summary>
    public void Begin()
    {
        _owner.Check();
        Invariant.Require(!_isServing, "A connection serves twice.");
        _isServing = true;
        _commandsBefore = _counters.Commands;
        _counters.Remote = RemoteName;
        _counters.Tls = (_connection as TlsConnection)?.Status;
        _counters.State = ProxyState.Connected;
        _counters.Connects++;
        _activity = ProxyActivity.StartConnection(_context.Environment.LocalNodeId, _context.Name, _direction, RemoteName);
    }

    /// <summary>The connection serves no more: counts its end.</summary>
    /// <param name="end">Why.</param>
    public void End(ConnectionEnd end)
    {
        _owner.Check();
        Invariant.Require(_isServing, "A connection ends that has not served.");
        _isServing = false;
        ProxyActivity.End(_activity, _counters.Commands - _commandsBefore, end, !_context.Lifetime.IsServing);
        _counters.CountDisconnect(end);
        ShowNothing();
    }

    /// <summary>Gives the connection back. One that still serves is ended as faulted.</summary>
    public void Dispose()
    {
        if (_isServing)
        {
            End(ConnectionEnd.Faulted);
        }

        _connection.Abort();
        _connection.DisposeAsync().WaitBlocking();
    }

    private void ShowNothing()
    {
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.Tls = null;
    }
}
