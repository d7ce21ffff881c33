using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing.Sending;

/// <summary>
/// The sender of a pair, on a thread of its own: connects, tells the driver, and lets a <see cref="SendLoop"/> ship the driver's commands for
/// as long as the connection lasts; then again.
/// </summary>
internal sealed class SenderProxy : IDisposable
{
    // A peer that was told that we go closes its side at once.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(1);

    private readonly PairContext _context;
    private readonly IDvkProxyCalls _device;
    private readonly DirectionCounters _counters;
    private readonly OutboundStream _link;
    private readonly Connector _connector;
    private readonly DriverConnection _driver;
    private readonly SendLoop _commands;
    private int _isAborted;
    private volatile ProxyConnection? _connection;
    private readonly FaultPause _faults;
    private Exception? _fault;
    private int _threadId;

    public SenderProxy(PairContext context, Func<CommandHeader> createHello)
    {
        _context = context;
        _device = context.Device;
        _counters = context.SenderCounters;
        _link = context.Peer.UseSession ? new SessionStream(context, createHello) : new PlainStream(context, createHello);
        _connector = new Connector(context, _link);
        _driver = new DriverConnection(context, ProxyConnectionChange.SenderConnected, ProxyConnectionChange.SenderDisconnected);
        _commands = new SendLoop(context, _link, _driver, createHello);
        _faults = new FaultPause(context, "sender", context.SenderCounters);
    }

    /// <summary>How long there has been something to send that the peer does not take; zero while it does. Any thread.</summary>
    public TimeSpan BlockedTime => _commands.BlockedTime;

    /// <summary>What the driver holds for the state of the sender.</summary>
    public DriverConnection Driver => _driver;

    /// <summary>The body of the sender thread, after the pair was registered.</summary>
    public void Run()
    {
        Volatile.Write(ref _threadId, _device.CurrentThreadId);
        _context.Outbox.SetSender(_threadId);
        try
        {
            while (!_context.Lifetime.IsStopping)
            {
                try
                {
                    ServeOnce();
                }
#pragma warning disable CA1031 // A full table of descriptors, an assembly that cannot be loaded, a driver's answer nobody knows: it passes.
                catch (Exception exception) when (exception is not BrokenInvariantException)
#pragma warning restore CA1031
                {
                    _fault ??= exception;
                }

                RecoverFromFault();
            }
        }
        finally
        {
            _context.Outbox.SetSender(-1);
            FaultBarrier.Run(_context.Logger, "the sender's last words to the driver", _driver.Disconnect);
            _link.Finish();
        }
    }

    /// <summary>Asks the thread to send what it has fetched and end. Any thread.</summary>
    public void RequestStop()
    {
        _context.Lifetime.Stop();
        Wake();
    }

    /// <summary>Gets the thread out of the driver, to look at what the pair is to do. Any thread.</summary>
    public void Wake()
    {
        var threadId = Volatile.Read(ref _threadId);
        if (threadId != 0)
        {
            _device.Interrupt(threadId);
        }
    }

    /// <summary>Ends the connection under the thread, for when asking was not enough, and the ones after it until
    /// <see cref="AllowConnections"/>. Any thread.</summary>
    public void AbortConnection()
    {
        // The exchange is a full fence: either we see the connection, or the thread that has just got it sees that it is not wanted.
        Interlocked.Exchange(ref _isAborted, 1);
        _connection?.Abort(_context.Lifetime.IsStopping ? ConnectionEnd.Stopped : ConnectionEnd.Parked);
    }

    /// <summary>Takes <see cref="AbortConnection"/> back. Any thread.</summary>
    public void AllowConnections() => Interlocked.Exchange(ref _isAborted, 0);

    public void Dispose() => _link.Dispose();

    private void ServeOnce()
    {
        if (!_context.Lifetime.IsServing)
        {
            Park();
            return;
        }

        var connection = _connector.Connect(_driver.IsConnected ? _link.ResumeWindow : Timeout.InfiniteTimeSpan);
        if (connection is not null)
        {
            UseConnection(connection);
        }
        else if (_context.Lifetime.IsServing)
        {
            ProxyLog.ResumeWindowOver(_context.Logger, _context.Name, _link.ResumeWindow);
            _driver.Disconnect();
        }
    }

    private void RecoverFromFault()
    {
        if (_fault is { } fault)
        {
            _fault = null;
            FaultBarrier.Run(_context.Logger, "telling the driver of a fault's end", _driver.Disconnect);
            _faults.OnFault(fault);
        }
    }

    private void Park()
    {
        _driver.Disconnect();
        _counters.State = ProxyState.Parked;
        _context.Lifetime.WaitWhileParking();
    }

    private void UseConnection(ProxyConnection connection)
    {
        _connection = connection;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAborted) != 0)
        {
            connection.Abort(ConnectionEnd.Stopped);
        }

        try
        {
            using var watcher = new ConnectionWatcher(connection, _link, () => _device.Interrupt(_threadId), $"dvs {_context.Name} watch");
            _counters.LastEnd = TellDriverConnected() ?? ServeCounted(connection, watcher);
        }
        catch
        {
            // Not begun, so that nothing is lost; but the link holds the connection.
            _link.End(0);
            throw;
        }
        finally
        {
            _connection = null;
            connection.Abort();
            connection.DisposeAsync().WaitBlocking();
        }

        if (_link.ResumeWindow == TimeSpan.Zero)
        {
            _driver.Disconnect();
        }
    }

    private ConnectionEnd ServeCounted(ProxyConnection connection, ConnectionWatcher watcher)
    {
        _counters.Remote = connection.RemoteName;
        _counters.Tls = (connection as TlsConnection)?.Status;
        _counters.State = ProxyState.Connected;
        _counters.Connects++;
        ProxyLog.SenderConnected(_context.Logger, _context.Name, connection.RemoteName);
        var commandsBefore = _counters.Commands;
        var activity = ProxyActivity.StartConnection(_context.Environment.LocalNodeId, _context.Name, "send", connection.RemoteName);
        ConnectionEnd end;
        try
        {
            end = _commands.Serve(watcher);
        }
        catch (IOException exception)
        {
            end = ConnectionEnd.Of(exception);
        }
#pragma warning disable CA1031 // Goes to Run, once this connection has been ended as any other.
        catch (Exception exception) when (exception is not BrokenInvariantException)
#pragma warning restore CA1031
        {
            _fault = exception;
            end = FaultPause.Describe(exception);
        }

        if (!watcher.IsBroken && _link.Close(end))
        {
            watcher.WaitForEnd(LongestFarewell);
        }

        end = connection.OwnEnd ?? ConnectionEnd.MostTelling(_link.ReadRest() ?? end, end, watcher.IsBroken ? watcher.End : null);
        ProxyActivity.End(activity, _counters.Commands - commandsBefore, end, !_context.Lifetime.IsServing);
        var lost = _link.End(_commands.UnflushedCommands) + _commands.TakeCommandInHand();
        _counters.Lost += lost;
        _counters.CountDisconnect(end);
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.Tls = null;
        LogDisconnected(connection.RemoteName, end, lost);
        return end;
    }

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
    private string DescribeLoss(long lost) => _context.Peer.UseSession
        ? lost == 0 ? "What is unacknowledged is kept" : $"{Counted.Were(lost, "command")} lost; the rest of what is unacknowledged is kept"
        : lost == 0 ? "What was on its way may be lost (a classic peer acknowledges nothing)"
        : $"At least {Counted.Were(lost, "command")} lost with it (a classic peer acknowledges nothing)";

    // Null: connected.
    private ConnectionEnd? TellDriverConnected()
    {
        if (_driver.Connect() is not { } refusal)
        {
            return null;
        }

        _link.End(0);
        return _context.Binding.IsLost(DriverErrors.OfPair(refusal))
            ? _commands.EndUnbound(refusal)
            : new ConnectionEnd(ConnectionEndCause.DriverRefused, $"the driver refused the connection: {refusal.Describe()}");
    }
}
