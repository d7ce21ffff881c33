using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Pairing.Admission.Sessions;
using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Pairing.Driver;
using Dvs.Proxy.Pairing.Lifetime;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Abilities;
using Dvs.Proxy.Transport.Pipes;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing.Receiving;

/// <summary>
/// The receiver of a pair: owns the thread that reads from the connection the peer made to us, and what it tells the driver of that
/// connection. A <see cref="FrameDispatcher"/> takes what is read. Only a malformed frame or a broken connection ends the connection.
/// Behaviour: SurvivalTests, SessionPairTests, ClassicPeerTests, the exploration of sessions.
/// </summary>
internal sealed class ReceiverProxy
{
    private readonly PairContext _context;
    private readonly ConnectionHandover _handover;
    private readonly DirectionCounters _counters;
    private readonly SessionFilter? _session;
    private readonly FrameDispatcher _frames;
    private readonly SessionIntroducer _introducer;
    private readonly DirectionService _service;
    private long _lastInput;

    public ReceiverProxy(PairContext context, ConnectionHandover handover, ControlHandler control)
    {
        (_context, _handover, _counters) = (context, handover, context.ReceiverCounters);
        _session = context.Peer.Options.UseSession ? new SessionFilter(context, handover) : null;
        _frames = new FrameDispatcher(context, handover, control, _session);
        _introducer = new SessionIntroducer(context);
        _service = new DirectionService(
            context, _counters, "receiver", ProxyConnectionChange.ReceiverConnected, ProxyConnectionChange.ReceiverDisconnected);
        _lastInput = context.Environment.Time.GetTimestamp();
    }

    /// <summary>How long the present connection has brought nothing; zero while there is none. Any thread.</summary>
    public TimeSpan IdleTime => _counters.State == ProxyState.Connected
        ? _context.Environment.Time.GetElapsedTime(Volatile.Read(ref _lastInput))
        : TimeSpan.Zero;

    /// <summary>What the driver holds for the state of the receiver.</summary>
    public DriverConnection Driver => _service.Driver;

    /// <summary>The body of the receiver thread, after the pair was registered.</summary>
    public void Run() => _service.Run(ServeOnce);

    /// <summary>Ends the connection and the thread. Any thread.</summary>
    public void RequestStop()
    {
        _context.Lifetime.Stop();
        _handover.Close(ConnectionEnd.Stopped);
    }

    /// <summary>Makes the present connection show whether it is alive. Any thread.</summary>
    public void Probe() => _session?.Probe();

    private void ServeOnce()
    {
        _counters.State = ProxyState.Waiting;
        var limit = _service.Driver.IsConnected ? _context.Peer.Options.ResumeWindow : Timeout.InfiniteTimeSpan;
        if (_handover.TryTake(limit, out var connection, out var introduction))
        {
            using var scope = new ConnectionScope(_context, _counters, connection, "receive");
            try
            {
                UseConnection(scope, connection, introduction);
            }
            finally
            {
                _handover.Release();
            }
        }
        else
        {
            _service.Driver.Disconnect();
        }
    }

    private void UseConnection(ConnectionScope scope, ProxyConnection connection, SessionIntroduction? introduction)
    {
        if (_service.Driver.Connect() is { } error)
        {
            _counters.LastEnd = DriverConnection.DescribeRefusal(error);
            if (_context.Binding.CheckLost(DriverErrors.Of(DriverCall.NamesPair, error)))
            {
                _context.EndUnbound("receiver");
            }

            return;
        }

        Volatile.Write(ref _lastInput, _context.Environment.Time.GetTimestamp());
        scope.Begin();
        ProxyLog.ReceiverConnected(_context.Logger, _context.Name, scope.RemoteName);
        ConnectionEnd end;
        try
        {
            end = _service.ServeConnection(() => Serve(connection, introduction));
            end = connection.OwnEnd ?? end;
            _session?.Close(end);
        }
        finally
        {
            _session?.End();
        }

        scope.End(end);
        if (_session is null)
        {
            _service.Driver.Disconnect();
        }

        if (_context.Lifetime.IsServing)
        {
            ProxyLog.ReceiverDisconnected(_context.Logger, _context.Name, end.Verb, scope.RemoteName, end.Text);
        }
    }

    private ConnectionEnd Serve(ProxyConnection connection, SessionIntroduction? introduction)
    {
        using var reader = CreateReader(connection);
        connection.GetAbility<IInterruptibleReads>()?.AllowInterrupt();
        return Introduce(connection, introduction, reader) ?? ReadAll(connection, reader);
    }

    private FrameReader CreateReader(ProxyConnection connection) => new(new FrameReaderOptions
    {
        Layout = _context.Layout,
        MaxPayload = _context.Environment.Limits.MaxCopyBuffer,
        ExpectedSourceNode = _context.Peer.NodeId,
        ExpectedDestinationNode = _context.Environment.LocalNodeId,
        AllowSessionFlags = _context.Peer.Options.UseSession,
        IsSessionLink = _context.Peer.Options.UseSession,

        // A C proxy speaks no TLS; who does makes a new connection, and has no business with another's node id.
        IsClassicLink = !_context.Peer.Options.UseSession && connection is not TlsConnection,
    });

    // Begins the session, where there is one. Returns why the connection has to end; null if it goes on.
    private ConnectionEnd? Introduce(ProxyConnection connection, SessionIntroduction? introduction, FrameReader reader)
    {
        if (_session is null)
        {
            return null;
        }

        // Where no listener has asked who it is, it is asked here.
        ConnectionEnd? refused = null;
        introduction ??= _introducer.Introduce(connection, out refused);
        if (introduction is null)
        {
            return refused!;
        }

        _session.Begin(introduction, reader, connection.TrySetReadTimeout(Timeout.InfiniteTimeSpan));
        return null;
    }

    private ConnectionEnd ReadAll(ProxyConnection connection, FrameReader reader)
    {
        var input = connection.Input;
        var spin = new BoundedSpin(_context.Peer.Options.Spin, _context.Environment.Time);
        var polled = spin.IsOff ? null : connection.GetAbility<IPolledReads>();
        var readLimit = Timeout.InfiniteTimeSpan;
        while (true)
        {
            if (connection.OwnEnd is { } ownEnd)
            {
                return ownEnd;
            }

            if (_session is not null && _session.ReadLimit != readLimit)
            {
                readLimit = _session.ReadLimit;
                connection.TrySetReadTimeout(readLimit);
            }

            if (polled is not null)
            {
                spin.UntilInput(polled);
            }

            var result = input.ReadBlocking();
            var timeUp = result.IsCanceled && !result.IsCompleted && _session is { LimitsReads: true };
            if (!timeUp)
            {
                Volatile.Write(ref _lastInput, _context.Environment.Time.GetTimestamp());
            }

            var buffer = result.Buffer;
            if (_frames.DispatchAll(reader, ref buffer) is { } end)
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
                    : new ConnectionEnd(
                        ConnectionEndCause.PeerClosed, $"the peer closed the connection in the middle of a frame, after {rest} of its bytes");
            }

            _session?.OnInputDry(timeUp);
        }
    }
}
