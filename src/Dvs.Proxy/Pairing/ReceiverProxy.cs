using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// The receiver of a pair: reads frames from the connection the peer made to us and hands their commands to the driver, on a thread of its
/// own. An error of the driver is the outcome of one command; only a malformed frame or a broken connection ends the connection.
/// </summary>
internal sealed class ReceiverProxy(PairContext context, ConnectionSlot slot, ControlHandler control)
{
    private readonly IDvkProxyCalls _device = context.Device;
    private readonly DirectionCounters _counters = context.Receiver;
    private readonly CommandDelivery _delivery = new(context);
    private volatile bool _stopping;
    private long _lastInput = context.Environment.Time.GetTimestamp();

    /// <summary>How long the present connection has brought nothing; zero while there is none.</summary>
    public TimeSpan IdleTime => _counters.State == ProxyState.Connected
        ? context.Environment.Time.GetElapsedTime(Volatile.Read(ref _lastInput))
        : TimeSpan.Zero;

    /// <summary>The body of the receiver thread, after the pair was registered.</summary>
    public void Run()
    {
        while (!_stopping)
        {
            _counters.State = ProxyState.Waiting;
            var connection = slot.Take();
            if (connection is null)
            {
                break;
            }

            UseConnection(connection);
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
        var connected = _device.SetProxyConnection(context.Peer.ProxyId, ProxyConnectionChange.ReceiverConnected);
        if (connected < DvkError.Ok)
        {
            ProxyLog.ConnectionChangeRefused(context.Logger, context.Name, nameof(ProxyConnectionChange.ReceiverConnected), connected.Describe());
            _counters.LastError = $"the driver refused the connection: {connected.Describe()}";
            _stopping |= connected is DvkError.NoProxy or DvkError.Shutdown;
            slot.Release(connection);
            return;
        }

        Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
        _counters.Remote = remote;
        _counters.Connects++;
        _counters.State = ProxyState.Connected;
        ProxyLog.ReceiverConnected(context.Logger, context.Name, remote);
        var reason = Serve(connection);
        _counters.State = ProxyState.Waiting;
        _counters.Remote = null;
        _counters.LastError = reason;
        _counters.Disconnects++;
        _device.SetProxyConnection(context.Peer.ProxyId, ProxyConnectionChange.ReceiverDisconnected);
        slot.Release(connection);
        if (!_stopping)
        {
            ProxyLog.ReceiverDisconnected(context.Logger, context.Name, remote, reason);
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
        });
        try
        {
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
            var result = ProxyPipes.ReadBlocking(input);
            Volatile.Write(ref _lastInput, context.Environment.Time.GetTimestamp());
            var buffer = result.Buffer;
            while (true)
            {
                var status = reader.TryRead(ref buffer, out var frame);
                if (status == FrameStatus.NeedMoreData)
                {
                    break;
                }

                if (status == FrameStatus.Malformed)
                {
                    return RefuseFrame(connection, reader.Fault);
                }

                if (!Handle(in frame))
                {
                    return "the pair is no longer bound to the driver";
                }
            }

            var rest = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return rest == 0
                    ? "the peer closed the connection"
                    : $"the peer closed the connection in the middle of a frame, after {rest} of its bytes";
            }
        }
    }

    private bool Handle(in Frame frame)
    {
        Volatile.Write(ref _counters.Frames, _counters.Frames + 1);
        _counters.WireBytes += frame.WireLength;
        _counters.RawBytes += context.Layout.HeaderSize + frame.RawPayloadLength;
        if (frame.WasCompressed)
        {
            _counters.CompressedFrames++;
        }

        if (frame.IsControl)
        {
            _counters.Controls++;
            control.Handle(in frame.Command);
            return true;
        }

        if (!Deliver(in frame.Command, frame.Payload))
        {
            return false;
        }

        if (frame.WireHeader.BatchCount > 0)
        {
            _counters.Batches++;
            foreach (ref readonly var command in frame.GetBatch())
            {
                if (!Deliver(in command, default))
                {
                    return false;
                }
            }
        }

        return true;
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

        if (context.DeliveryLog.TryEnter(out var suppressed))
        {
            ProxyLog.DeliveryRefused(context.Logger, context.Name, command.ToString(), error.Describe(), suppressed);
        }

        return true;
    }

    private string RefuseFrame(ProxyConnection connection, FrameFault fault)
    {
        _counters.Malformed++;
        var description = fault.Describe();
        ProxyLog.MalformedFrame(context.Logger, context.Name, connection.RemoteName, description);
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
