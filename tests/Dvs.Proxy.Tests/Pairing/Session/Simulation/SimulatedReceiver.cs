using System.Buffers;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>
/// A receiver process, restartable: the real session and frame reader, without threads and sockets. What it delivers outlives it.
/// </summary>
internal sealed class SimulatedReceiver(SimulationOptions options, Random random) : IDisposable
{
    private readonly WireLayout _layout = WireLayout.For(options.Model);
    private readonly InputBuffer _input = new();
    private ReceiverSessionOptions _options = CreateOptions(options, random);
    private ReceiverHandshake? _handshake;
    private ReceiverSession? _sessionOrNone;
    private FrameReader? _reader;
    private int _strangersInARow;

    /// <summary>Frames dropped because they had been delivered before.</summary>
    public int Duplicates { get; private set; }

    public ReceiverSession Session => _sessionOrNone ??= new ReceiverSession(_options);

    public SimulatedConnection? Connection { get; private set; }

    /// <summary>Commands that reached the driver, in that order.</summary>
    public List<int> Delivered { get; } = [];

    /// <summary>Sequences that were refused for good, each with the session it belonged to.</summary>
    public List<ulong> Refused { get; } = [];

    public bool DropAcknowledgements { get; set; } = true;

    /// <summary>Sessions of other processes of the sender's node.</summary>
    public int Strangers { get; private set; }

    /// <summary>Recorded connections that were found out.</summary>
    public int FoundOut { get; private set; }

    /// <summary>Another process of the sender's node takes the place for a while: opens a session of its own and has some frames delivered. Not so many
    /// times in a row that the sender's session is forgotten.</summary>
    public void ServeStranger()
    {
        if (_strangersInARow == _options.MaxSessions - 1)
        {
            return;
        }

        Leave();
        _strangersInARow++;
        Strangers++;
        var first = (ulong)random.Next(1, 50);
        var id = new SessionId((ulong)random.NextInt64(1, long.MaxValue), (ulong)random.NextInt64(1, long.MaxValue));
        Session.OnConnected();
        Session.Accept(Handshakes.Introduce(Handshakes.Open(id, first), 3, 4), SimulatedSender.Now);
        var last = first + (ulong)random.Next(4);
        for (var sequence = first; sequence < last; sequence++)
        {
            Verify(Session.OnFrame(CommandFlags.Sequenced, sequence) == FrameVerdict.Deliver, "a new session does not begin where it was opened");
            Session.OnDelivered(200);
        }
    }

    public void Restart()
    {
        Leave();
        _strangersInARow = 0;
        _options = CreateOptions(options, random);
        _sessionOrNone = null;
    }

    public void Take(SimulatedConnection connection)
    {
        Leave();
        Connection = connection;
        _input.Clear();
        _reader = new FrameReader(new FrameReaderOptions
        {
            Layout = _layout,
            MaxPayload = SimulatedSender.MaxPayload,
            AllowSessionFlags = true,
            ExpectedSourceNode = 3,
            ExpectedDestinationNode = 4,
        });
        _handshake = new ReceiverHandshake(_options, () => (ulong)random.NextInt64());
        Session.OnConnected();
    }

    public void Leave()
    {
        if (Connection is not null)
        {
            Connection.ReceiverGone = true;
            Connection = null;
        }

        _reader?.Dispose();
        _reader = null;
    }

    /// <summary>Takes some of what the sender sent.</summary>
    public void Read(int count)
    {
        _input.Append(Connection!.ToReceiver.Take(count));
        var sequence = _input.Sequence;
        while (Connection is not null)
        {
            var status = _reader!.TryRead(ref sequence, out var frame);
            if (status == FrameStatus.NeedMoreData)
            {
                Acknowledge(inputDry: true);
                _input.Keep(sequence);
                return;
            }

            if (status == FrameStatus.Malformed)
            {
                TakeDamaged(ref sequence);
            }
            else
            {
                Handle(in frame);
            }

            Acknowledge(inputDry: false);
        }
    }

    public void Dispose() => _reader?.Dispose();

    public static void Verify(bool condition, string? problem)
    {
        if (!condition)
        {
            throw new ModelViolationException(problem ?? "a violation");
        }
    }

    private void TakeDamaged(ref ReadOnlySequence<byte> sequence)
    {
        Verify(_reader!.Fault.IsPayloadFault && options.DamageEvery != 0, _reader.Fault.Describe());
        if (Session.OnContentFailure(in _reader.WireHeader) == ContentFailureVerdict.CloseAndRetry)
        {
            Leave();
            return;
        }

        Refused.Add(_reader.WireHeader.SendSequence);
        _reader.TakeDamaged(ref sequence, out var frame);
        Session.OnGivenUp(frame.WireLength);
    }

    private void Handle(in Frame frame)
    {
        if (frame.IsControl)
        {
            HandleControl(in frame.Command);
            return;
        }

        switch (Session.OnFrame(in frame.WireHeader))
        {
            case FrameVerdict.Deliver:
                Deliver(in frame.Command, frame.Payload);
                foreach (ref readonly var command in frame.GetBatch())
                {
                    Deliver(in command, default);
                }

                Session.OnDelivered(frame.WireLength);
                break;
            case FrameVerdict.Duplicate:
                Duplicates++;
                break;
            default:
                Verify(false, $"frame {frame.WireHeader.SendSequence} is not what {Session} expects");
                break;
        }
    }

    private void HandleControl(in CommandHeader header)
    {
        if (_handshake is null)
        {
            Session.OnControl();
            return;
        }

        var step = _handshake.On(in header, SimulatedSender.Now);
        if (Connection!.IsPlayed && step.Problem is not null)
        {
            FoundOut++;
            Leave();
            return;
        }

        Verify(step.Problem is null, step.Problem);
        if (step.Introduction is { } introduction)
        {
            Verify(!Connection.IsPlayed, "a recorded connection was taken for the sender's");
            _strangersInARow = 0;
            _handshake = null;
            Write(Session.Accept(introduction, SimulatedSender.Now));
        }
        else
        {
            Write(step.Reply!.Value);
        }
    }

    private void Deliver(in CommandHeader command, ReadOnlySpan<byte> payload)
    {
        var expected = SimulatedSender.CommandFor(command.ProcessId, out var block);
        Verify(command.Command == expected.Command && payload.SequenceEqual(block), $"command {command.ProcessId} was changed on the way");
        Delivered.Add(command.ProcessId);
    }

    private void Acknowledge(bool inputDry)
    {
        if (Connection is null || !Session.ShouldAcknowledge(inputDry))
        {
            return;
        }

        var acknowledgement = Session.CreateAcknowledgement(SimulatedSender.Now);
        if (!DropAcknowledgements || random.Next(4) != 0)
        {
            Write(acknowledgement);
        }
    }

    private void Write(CommandHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        SessionMessage.WriteFrame(output, _layout, in header);
        Connection!.ToSender.Write(output.WrittenSpan);
    }

    private static ReceiverSessionOptions CreateOptions(SimulationOptions options, Random random) => new()
    {
        Model = options.Model,
        LocalNode = 4,
        PeerNode = 3,
        ProcessId = (ulong)random.NextInt64(1, long.MaxValue),
        MaxPayload = SimulatedSender.MaxPayload,
    };
}
