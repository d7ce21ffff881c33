using System.Buffers;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;
using Dvs.Proxy.Transport.Tls;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The receiver of a pair: reads frames from the connection the peer made to us and hands their commands to the driver, on a thread of its
/// own. An error of the driver is the outcome of one command; only a malformed frame or a broken connection ends the connection.
/// </summary>
internal sealed class ReceiverProxy(PairContext context, ConnectionSlot slot, ControlHandler control)
{
    private const string Unbound = "the pair is no longer bound to the driver";

    private readonly IDvkProxyCalls _device = context.Device;
    private readonly DirectionCounters _counters = context.Receiver;
    private readonly CommandDelivery _delivery = new(context);
    private readonly ReceiverSessionLink? _session = context.Peer.Sequence ? new ReceiverSessionLink(context) : null;
    private readonly DriverConnection _driver = new(context, ProxyConnectionChange.ReceiverConnected, ProxyConnectionChange.ReceiverDisconnected);
    private volatile bool _stopping;
    private long _lastInput = context.Environment.Time.GetTimestamp();

    /// <summary>How long the present connection has brought nothing; zero while there is none.</summary>
    public TimeSpan IdleTime => _counters.State == ProxyState.Connected
        ? context.Environment.Time.GetElapsedTime(Volatile.Read(ref _lastInput))
        : TimeSpan.Zero;

    /// <summary>The body of the receiver thread, after the pair was registered.</summary>
    public void Run()
    {
        try
        {
            while (!_stopping)
            {
                _counters.State = ProxyState.Waiting;
                var limit = _driver.IsConnected ? context.Peer.ResumeWindow : Timeout.InfiniteTimeSpan;
                if (slot.TryTake(limit, out var connection))
                {
                    UseConnection(connection);
                }
                else
                {
                    _driver.Disconnect();
                }
            }
        }
        finally
        {
            _driver.Disconnect();
        }
    }

    /// <summary>Ends the connection and the thread. Any thread.</summary>
    public void RequestStop()
    {
        _stopping = true;
        slot.Close();
    }

    private void UseConnection(ProxyConnection connection)
    {
        var remote = connection.RemoteName;
        if (_driver.Connect() is { } refusal)
        {
            _counters.LastError = $"the driver refused the connection: {refusal.Describe()}";
            _stopping |= refusal is DvkError.NoProxy or DvkError.Shutdown;
            slot.Release(connection);
            return;
        }

        Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
        _counters.Remote = remote;
        _counters.Tls = (connection as TlsConnection)?.Status;
        _counters.Connects++;
        _counters.State = ProxyState.Connected;
        if (context.Logs.ReceiverConnected.TryEnter(out var suppressed))
        {
            ProxyLog.ReceiverConnected(context.Logger, context.Name, remote, LogThrottle.Describe(suppressed));
        }

        var commandsBefore = _counters.Commands;
        var activity = ProxyActivity.StartConnection(context.Environment.LocalNodeId, context.Name, "receive", remote);
        var reason = Serve(connection);
        ProxyActivity.End(activity, _counters.Commands - commandsBefore, reason, _stopping);
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.Tls = null;
        _counters.LastError = reason;
        _counters.Disconnects++;
        if (_session is null)
        {
            _driver.Disconnect();
        }

        slot.Release(connection);
        if (!_stopping && context.Logs.ReceiverLost.TryEnter(out suppressed))
        {
            ProxyLog.ReceiverDisconnected(context.Logger, context.Name, remote, reason, LogThrottle.Describe(suppressed));
        }
    }

    private string Serve(ProxyConnection connection)
    {
        using var reader = new FrameReader(new FrameReaderOptions
        {
            Layout = context.Layout,
            MaxPayload = context.Environment.Limits.MaxCopyBuffer,
            ExpectedSourceNode = context.Peer.NodeId,
            ExpectedDestinationNode = context.Environment.LocalNodeId,
            AllowSessionFlags = context.Peer.Sequence,
        });
        try
        {
            _session?.Begin(connection);
            return Serve(connection, reader);
        }
        catch (IOException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private string Serve(ProxyConnection connection, FrameReader reader)
    {
        var input = connection.Input;
        while (true)
        {
            var result = input.ReadBlocking();
            var timeUp = result.IsCanceled && !result.IsCompleted && _session is { LimitsReads: true };
            if (!timeUp)
            {
                Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
            }

            var buffer = result.Buffer;
            if (HandleFrames(connection, reader, ref buffer) is { } reason)
            {
                return reason;
            }

            var rest = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || (result.IsCanceled && !timeUp))
            {
                return rest == 0
                    ? "the peer closed the connection"
                    : $"the peer closed the connection in the middle of a frame, after {rest} of its bytes";
            }

            _session?.OnInputDry(timeUp);
        }
    }

    // Handles every whole frame there is. Null: go on; otherwise why the connection has to end.
    private string? HandleFrames(ProxyConnection connection, FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        while (true)
        {
            string? problem;
            var status = buffer.IsSingleSegment ? HandleAll(reader, ref buffer, out problem) : HandleOne(reader, ref buffer, out problem);
            if (status == FrameStatus.Malformed)
            {
                problem = HandleFault(connection, reader, ref buffer);
            }

            if (problem is not null || status == FrameStatus.NeedMoreData)
            {
                return problem;
            }
        }
    }

    // The common case, input in one piece: the sequence is cut once, not once per frame. A method of its own, so that the runtime compiles it for
    // what it sees here and not as a part of a loop that never ends.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameStatus HandleAll(FrameReader reader, ref ReadOnlySequence<byte> buffer, out string? problem)
    {
        var input = buffer.FirstSpan;
        var length = input.Length;
        FrameStatus status;
        problem = null;
        while ((status = reader.TryReadContiguous(input, out var frame)) == FrameStatus.Complete)
        {
            input = input[frame.WireLength..];
            problem = Handle(in frame);
            if (problem is not null)
            {
                break;
            }
        }

        buffer = buffer.Slice(length - input.Length);
        return status;
    }

    private FrameStatus HandleOne(FrameReader reader, ref ReadOnlySequence<byte> buffer, out string? problem)
    {
        var status = reader.TryRead(ref buffer, out var frame);
        problem = status == FrameStatus.Complete ? Handle(in frame) : null;
        return status;
    }

    private string? Handle(in Frame frame)
    {
        Volatile.Write(ref _counters.Frames, _counters.Frames + 1);
        _counters.WireBytes += frame.WireLength;
        _counters.RawBytes += context.Layout.HeaderSize + frame.RawPayloadLength;
        if (frame.WasCompressed)
        {
            _counters.CompressedFrames++;
        }

        string? problem = null;
        if (frame.IsControl)
        {
            if (_session?.TryHandleControl(in frame.Command, out problem) != true)
            {
                _counters.Controls++;
                control.Handle(in frame.Command);
            }

            return problem;
        }

        if (_session is null)
        {
            return Deliver(in frame);
        }

        if (!_session.MayDeliver(in frame, out problem))
        {
            return problem;
        }

        problem = Deliver(in frame);
        if (problem is null)
        {
            _session.OnDelivered(frame.WireLength);
        }

        return problem;
    }

    private string? Deliver(in Frame frame)
    {
        if (!Deliver(in frame.Command, frame.Payload))
        {
            return Unbound;
        }

        if (frame.CommandCount > 1)
        {
            _counters.Batches++;
            foreach (ref readonly var command in frame.GetBatch())
            {
                if (!Deliver(in command, default))
                {
                    return Unbound;
                }
            }
        }

        return null;
    }

    // A frame of a session whose header is sound and whose payload is not is sent again, but not for ever.
    private string? HandleFault(ProxyConnection connection, FrameReader reader, ref ReadOnlySequence<byte> buffer)
    {
        var fault = reader.Fault;
        if (_session is null || !fault.IsPayloadFault)
        {
            return RefuseFrame(connection, fault);
        }

        ref readonly var header = ref reader.WireHeader;
        var givesUp = _session.GivesUp(in header);
        if (context.Logs.Damaged.TryEnter(out var suppressed))
        {
            ProxyLog.DamagedFrame(
                context.Logger, context.Name, header.SendSequence, connection.RemoteName, header.ToString(), fault.Describe(),
                givesUp ? "It is given up" : "It is sent again", LogThrottle.Describe(suppressed));
        }

        if (!givesUp)
        {
            return $"damaged frame: {fault.Describe()}";
        }

        reader.TakeDamaged(ref buffer, out var frame);
        _session.Refuse(in frame);
        return null;
    }

    // False: the driver does not know this pair any more.
    private bool Deliver(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        _counters.CountCommand(command.DcId, command.Command is >= CommandCode.SendMessage and <= CommandCode.ReplyMessage, payload.Length);
        var error = _delivery.Deliver(in command, payload);
        return error == DvkError.Ok || HandleRefusal(in command, error);
    }

    private bool HandleRefusal(in CommandHeader command, DvkError error)
    {
        _counters.CommandErrors++;
        if (error is DvkError.Shutdown or DvkError.NoProxy or DvkError.BadProxy or DvkError.BadCall && !IsStillBound())
        {
            _counters.Lost++;
            _stopping = true;
            ProxyLog.PairUnbound(context.Logger, context.Name, "receiver");
            return false;
        }

        if (context.Logs.Delivery.TryEnter(out var suppressed))
        {
            ProxyLog.DeliveryRefused(context.Logger, context.Name, command.ToString(), error.Describe(), suppressed);
        }

        return true;
    }

    private string RefuseFrame(ProxyConnection connection, FrameFault fault)
    {
        _counters.Malformed++;
        var description = fault.Describe();
        if (context.Logs.Malformed.TryEnter(out var suppressed))
        {
            ProxyLog.MalformedFrame(context.Logger, context.Name, connection.RemoteName, description, LogThrottle.Describe(suppressed));
        }

        return $"malformed frame: {description}";
    }

    private bool IsStillBound()
    {
        try
        {
            return _device.GetProxyInfo(context.Peer.ProxyId).Receiver.LinuxProcessId == _device.CurrentThreadId;
        }
        catch (DvkException)
        {
            return false;
        }
    }
}
