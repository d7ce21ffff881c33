using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// The sender of a pair, on a thread of its own: connects, tells the driver, and lets a <see cref="SendLoop"/> ship the driver's commands for as
/// long as the connection lasts; then again. Owns the connection and the stream. <see cref="Run"/> is the sender thread; the rest says which.
/// Behaviour: MultiNodeProxyTests, SurvivalTests, ParkTests, the explorations of pairs.
/// </summary>
internal sealed class SenderProxy : IDisposable
{
    private readonly PairContext _context;
    private readonly DirectionCounters _counters;
    private readonly OutboundStream _stream;
    private readonly Connector _connector;
    private readonly DirectionService _service;
    private readonly SendLoop _loop;
    private volatile ProxyConnection? _connection;

    public SenderProxy(PairContext context, Func<CommandHeader> createHello)
    {
        _context = context;
        _counters = context.SenderCounters;
        _stream = context.Peer.Options.UseSession ? new SessionStream(context, createHello) : new PlainStream(context, createHello);
        _connector = new Connector(context, _stream);
        _service = new DirectionService(
            context, _counters, "sender", ProxyConnectionChange.SenderConnected, ProxyConnectionChange.SenderDisconnected);
        _loop = new SendLoop(context, _stream, _service.Driver, createHello);
    }

    /// <summary>How long there has been something to send that the peer does not take; zero while it does. Any thread.</summary>
    public TimeSpan BlockedTime => _loop.BlockedTime;

    /// <summary>What the driver holds for the state of the sender.</summary>
    public DriverConnection Driver => _service.Driver;

    /// <summary>The body of the sender thread, after the pair was registered.</summary>
    public void Run()
    {
        try
        {
            _service.Run(ServeOnce);
        }
        finally
        {
            _stream.Abandon();
        }
    }

    /// <summary>Asks the thread to send what it has fetched and end. Any thread.</summary>
    public void RequestStop()
    {
        _context.Lifetime.Stop();
        Wake();
    }

    /// <summary>Gets the thread out of the driver, to look at what the pair is to do. Any thread.</summary>
    public void Wake() => _context.Binding.WakeSender();

    /// <summary>Ends the connection under the thread, for when asking was not enough, and the ones after it until the pair serves again.
    /// Any thread.</summary>
    public void AbortConnection()
    {
        // The cut is a full fence: either we see the connection, or the thread that has just got it sees that it is not wanted.
        _context.Lifetime.Cut();
        _connection?.Abort(_context.Lifetime.IsStopping ? ConnectionEnd.Stopped : ConnectionEnd.Parked);
    }

    public void Dispose() => _stream.Dispose();

    private void ServeOnce()
    {
        var connection = _connector.Connect(_service.Driver.IsConnected ? _stream.ResumeWindow : Timeout.InfiniteTimeSpan, Wake);
        if (connection is not null)
        {
            UseConnection(connection);
        }
        else if (_context.Lifetime.IsServing)
        {
            ProxyLog.ResumeWindowOver(_context.Logger, _context.Name, _stream.ResumeWindow);
            _service.Driver.Disconnect();
        }
    }

    // The stream is open, and is closed here on every path, and so is the connection.
    private void UseConnection(ProxyConnection connection)
    {
        using var scope = new ConnectionScope(_context, _counters, connection, "send");
        _connection = connection;
        Interlocked.MemoryBarrier();
        if (_context.Lifetime.IsCut)
        {
            connection.Abort(ConnectionEnd.Stopped);
        }

        try
        {
            if (_service.Driver.Connect() is { } refusal)
            {
                _counters.LastEnd = _stream.Close(OnRefused(refusal), unflushedCommands: 0).End;
            }
            else
            {
                Serve(scope);
            }
        }
        finally
        {
            if (_stream.IsOpen)
            {
                _stream.Close(ConnectionEnd.Faulted, _loop.UnflushedCommands);
            }

            _connection = null;
        }

        if (_stream.ResumeWindow == TimeSpan.Zero)
        {
            _service.Driver.Disconnect();
        }
    }

    private void Serve(ConnectionScope scope)
    {
        scope.Begin();
        ProxyLog.SenderConnected(_context.Logger, _context.Name, scope.RemoteName);
        var end = _service.ServeConnection(_loop.Serve);
        var closed = _stream.Close(end, _loop.UnflushedCommands);
        var lost = closed.LostCommands + _loop.TakeCommandInHand();
        _counters.Lost += lost;
        scope.End(closed.End);
        LogDisconnected(scope.RemoteName, closed.End, lost);
    }

    private ConnectionEnd OnRefused(DvkError refusal) => _context.Binding.CheckLost(DriverErrors.Of(DriverCall.NamesPair, refusal))
        ? _loop.EndUnbound(refusal)
        : DriverConnection.DescribeRefusal(refusal);

    private void LogDisconnected(string remote, ConnectionEnd end, long lost)
    {
        if (_context.Lifetime.IsServing)
        {
            ProxyLog.SenderDisconnected(_context.Logger, _context.Name, end.Verb, remote, end.Text, DescribeLoss(lost));
        }
        else if (lost > 0)
        {
            ProxyLog.LostAtStop(_context.Logger, _context.Name, remote, end.Text, DescribeLoss(lost));
        }
    }

    // What a classic connection had taken and not delivered is lost, too, and nobody can count it.
    private string DescribeLoss(long lost) => _context.Peer.Options.UseSession
        ? lost == 0 ? "What is unacknowledged is kept" : $"{Counted.Were(lost, "command")} lost; the rest of what is unacknowledged is kept"
        : lost == 0 ? "What was on its way may be lost (a classic peer acknowledges nothing)"
        : $"At least {Counted.Were(lost, "command")} lost with it (a classic peer acknowledges nothing)";
}
