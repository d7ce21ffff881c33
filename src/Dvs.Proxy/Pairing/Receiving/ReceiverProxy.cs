using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Invariants;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// The receiver of a pair: reads from the connection the peer made to us, on a thread of its own; a <see cref="FrameDispatcher"/> hands the
/// commands in it to the driver. Only a malformed frame or a broken connection ends the connection.
/// </summary>
internal sealed class ReceiverProxy(PairContext context, ConnectionHandover slot, ControlHandler control)
{
    private readonly DirectionCounters _counters = context.ReceiverCounters;
    private readonly FrameDispatcher _frames = new(context, control);
    private readonly SessionIntroducer _introducer = new(context);
    private readonly DriverConnection _driver = new(context, ProxyConnectionChange.ReceiverConnected, ProxyConnectionChange.ReceiverDisconnected);
    private readonly FaultPause _faults = new(context, "receiver", context.ReceiverCounters);
    private Exception? _fault;
    private long _lastInput = context.Environment.Time.GetTimestamp();

    /// <summary>How long the present connection has brought nothing; zero while there is none.</summary>
    public TimeSpan IdleTime => _counters.State == ProxyState.Connected
        ? context.Environment.Time.GetElapsedTime(Volatile.Read(ref _lastInput))
        : TimeSpan.Zero;

    /// <summary>What the driver holds for the state of the receiver.</summary>
    public DriverConnection Driver => _driver;

    /// <summary>The body of the receiver thread, after the pair was registered.</summary>
    public void Run()
    {
        try
        {
            while (!context.Lifetime.IsStopping)
            {
                try
                {
                    ServeOnce();
                }
#pragma warning disable CA1031 // As in the sender: whatever it is, it passes.
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
            FaultBarrier.Run(context.Logger, "the receiver's last words to the driver", _driver.Disconnect);
        }
    }

    /// <summary>Ends the connection and the thread. Any thread.</summary>
    public void RequestStop()
    {
        context.Lifetime.Stop();
        slot.Close(ConnectionEnd.Stopped);
    }

    private void ServeOnce()
    {
        if (!context.Lifetime.IsServing)
        {
            Park();
            return;
        }

        _counters.State = ProxyState.Waiting;
        var limit = _driver.IsConnected ? context.Peer.ResumeWindow : Timeout.InfiniteTimeSpan;
        if (slot.TryTake(limit, out var connection, out var introduction))
        {
            try
            {
                UseConnection(connection, introduction);
            }
            finally
            {
                slot.Release(connection);
            }
        }
        else
        {
            _driver.Disconnect();
        }
    }

    private void RecoverFromFault()
    {
        if (_fault is { } fault)
        {
            _fault = null;
            FaultBarrier.Run(context.Logger, "telling the driver of a fault's end", _driver.Disconnect);
            _faults.OnFault(fault);
        }
    }

    private void Park()
    {
        _driver.Disconnect();
        _counters.State = ProxyState.Parked;
        context.Lifetime.WaitWhileParking();
    }

    /// <summary>Makes the present connection show whether it is alive. Any thread.</summary>
    public void Probe() => _frames.Session?.Probe();

    private void UseConnection(ProxyConnection connection, SessionIntroduction? introduction)
    {
        var remote = connection.RemoteName;
        if (_driver.Connect() is { } refusal)
        {
            _counters.LastEnd = new ConnectionEnd(ConnectionEndCause.DriverRefused, $"the driver refused the connection: {refusal.Describe()}");
            if (context.Binding.IsLost(DriverErrors.OfPair(refusal)))
            {
                _frames.EndUnbound();
            }

            return;
        }

        Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
        _counters.Remote = remote;
        _counters.Tls = (connection as TlsConnection)?.Status;
        _counters.Connects++;
        _counters.State = ProxyState.Connected;
        ProxyLog.ReceiverConnected(context.Logger, context.Name, remote);
        var commandsBefore = _counters.Commands;
        var activity = ProxyActivity.StartConnection(context.Environment.LocalNodeId, context.Name, "receive", remote);
        var end = Serve(connection, introduction);
        end = connection.OwnEnd ?? end;
        _frames.Session?.Close(end);
        _frames.Session?.End();
        ProxyActivity.End(activity, _counters.Commands - commandsBefore, end, !context.Lifetime.IsServing);
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.Tls = null;
        _counters.CountDisconnect(end);
        if (_frames.Session is null)
        {
            _driver.Disconnect();
        }

        if (context.Lifetime.IsServing)
        {
            ProxyLog.ReceiverDisconnected(context.Logger, context.Name, end.Verb, remote, end.Text);
        }
    }

    private ConnectionEnd Serve(ProxyConnection connection, SessionIntroduction? introduction)
    {
        using var reader = new FrameReader(new FrameReaderOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            ExpectedSourceNode = context.Peer.NodeId,
            ExpectedDestinationNode = context.Environment.LocalNodeId,
            AllowSessionFlags = context.Peer.UseSession,

            // A C proxy speaks no TLS; who does makes a new connection, and has no business with another's node id.
            IsClassicLink = !context.Peer.UseSession && connection is not TlsConnection,
        });
        try
        {
            connection.AllowInterrupt();
            if (_frames.Session is { } session)
            {
                // Where no listener has asked who it is, it is asked here.
                ConnectionEnd? refused = null;
                introduction ??= _introducer.Introduce(connection, out refused);
                if (introduction is null)
                {
                    return refused!;
                }

                session.Begin(connection, introduction, reader);
            }

            return Serve(connection, reader);
        }
        catch (IOException exception)
        {
            return ConnectionEnd.Of(exception);
        }
#pragma warning disable CA1031 // Goes to Run, once this connection has been ended as any other.
        catch (Exception exception) when (exception is not BrokenInvariantException)
#pragma warning restore CA1031
        {
            _fault = exception;
            return FaultPause.Describe(exception);
        }
    }

    private ConnectionEnd Serve(ProxyConnection connection, FrameReader reader)
    {
        var input = connection.Input;
        while (true)
        {
            if (connection.OwnEnd is { } ownEnd)
            {
                return ownEnd;
            }

            var result = input.ReadBlocking();
            var timeUp = result.IsCanceled && !result.IsCompleted && _frames.Session is { LimitsReads: true };
            if (!timeUp)
            {
                Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
            }

            var buffer = result.Buffer;
            if (_frames.Handle(connection, reader, ref buffer) is { } end)
            {
                input.AdvanceTo(buffer.End);
                return end;
            }

            var rest = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || (result.IsCanceled && !timeUp))
            {
                return rest == 0
                    ? ConnectionEnd.PeerClosed
                    : new ConnectionEnd(ConnectionEndCause.PeerClosed, $"the peer closed the connection in the middle of a frame, after {rest} of its bytes");
            }

            _frames.Session?.OnInputDry(timeUp);
        }
    }
}
