using System.Buffers;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>One life of a sender process: the real session, window and frame writer, without threads and sockets.</summary>
internal sealed class SimulatedSender : IDisposable
{
    public const int MaxPayload = 4000;
    public static readonly Timestamp Now = new(1_700_000_000, 5_000);

    private readonly FrameWriter _writer;
    private readonly FrameReader _reader;
    private readonly InputBuffer _input = new();
    private readonly Random _random;
    private readonly int _firstId;
    private readonly Dictionary<ulong, List<int>> _idsBySequence = [];
    private readonly List<(ulong Sequence, int Id)> _kept = [];
    private int _nextId;

    public SimulatedSender(SimulationOptions options, Random random, int firstId, CountingPool pool)
    {
        _random = random;
        _firstId = _nextId = firstId;
        var layout = WireLayout.For(options.Model);
        var writerOptions = new FrameWriterOptions
        {
            Layout = layout,
            MaxPayload = MaxPayload,
            Compress = options.Compress,
            MaxBatchCommands = options.MaxBatchCommands,
            Sequenced = true,
            Digest = options.Digest,
        };
        var largestRoom = FrameWriter.LargestRoomOf(writerOptions);
        var limits = new RetransmitWindowOptions(largestRoom + random.Next(20_000), random.Next(2, 60), largestRoom, options.FirstSequence);
        Session = new SenderSession(
            new SenderSessionOptions
            {
                Model = options.Model,
                LocalNode = 3,
                PeerNode = 4,
                MaxPayload = MaxPayload,
                Window = limits,
                Digest = options.Digest,
                AtLeastOnce = options.AtLeastOnce,
            },
            () => (ulong)random.NextInt64(),
            new RetransmitWindow(options.Model, limits, pool));
        _writer = new FrameWriter(writerOptions, Session.Window);
        _reader = new FrameReader(new FrameReaderOptions { Layout = layout, ExpectedSourceNode = 4, ExpectedDestinationNode = 3 });
        Layout = layout;
        Limits = limits;
    }

    public SenderSession Session { get; }

    public WireLayout Layout { get; }

    public RetransmitWindowOptions Limits { get; }

    public SimulatedConnection? Connection { get; private set; }

    /// <summary>Commands handed out by the driver.</summary>
    public IEnumerable<int> Sent => Enumerable.Range(_firstId, _nextId - _firstId);

    public int NextId => _nextId;

    /// <summary>Commands that the session said are of unknown fate.</summary>
    /// <summary>Times that the session went on after a connection was lost.</summary>
    public int Resumes { get; private set; }

    /// <summary>Times that the session ended because the peer had lost it.</summary>
    public int Losses { get; private set; }

    public HashSet<int> UnknownFate { get; } = [];

    /// <summary>Commands that the session said may be repeated.</summary>
    public HashSet<int> Repeated { get; } = [];

    public bool IsIdle => Session.Window.IsEmpty && !_writer.HasOpenBatch;

    /// <summary>Commands not acknowledged: what dies with the process.</summary>
    public IEnumerable<int> Unacknowledged =>
        Sent.Skip(Session.Window.IsEmpty && !_writer.HasOpenBatch ? _nextId - _firstId : IndexOfOldest());

    public IReadOnlyList<int> CommandsOf(ulong sequence) => _idsBySequence.GetValueOrDefault(sequence) ?? [];

    public SimulatedConnection Connect()
    {
        Connection = new SimulatedConnection();
        _input.Clear();
        WriteControl(Session.CreateOpen(Now));
        return Connection;
    }

    public void Leave()
    {
        Connection!.SenderGone = true;
        Connection = null;

        // An open batch is kept like every other frame.
        CompleteFrame();
        Session.OnDisconnected();
    }

    public void Hello() => WriteControl(ControlMessage.Create(ControlType.LoadLevel, 3, 4, Now));

    public void Fetch()
    {
        if (!Session.IsOpen || !Session.Window.HasRoom)
        {
            return;
        }

        var id = _nextId++;
        var header = CommandFor(id, out var payload);
        var before = _writer.SendSequence;
        var batch = _writer.HasOpenBatch;
        _writer.CompressBlocks = id % 7 < 4;
        _writer.Append(in header, payload);

        // In a frame of its own behind the batch that it closed; else in the open batch, or the first of a new one.
        var sequence = batch && _writer.SendSequence == Wrap(before + 2) ? Wrap(before + 1) : before;
        (_idsBySequence.TryGetValue(sequence, out var ids) ? ids : _idsBySequence[sequence] = []).Add(id);
        _kept.Add((sequence, id));
        SimulatedReceiver.Verify(Session.Window.Kept.Bytes <= Limits.MaxBytes && Session.Window.Kept.Frames <= Limits.MaxFrames, "the window is beyond its limits");
    }

    public void Flush(Func<ReadOnlyMemory<byte>, byte[]> damage)
    {
        CompleteFrame();
        while (Session.IsOpen && Session.Window.TryTakeUnsent(out var piece))
        {
            Connection!.ToReceiver.Write(damage(piece));

            // A network that brings frames twice.
            if (_random.Next(20) == 0)
            {
                Connection.ToReceiver.Write(piece.Span);
            }
        }
    }

    /// <summary>Takes some of what the receiver sent.</summary>
    public void Read(int count)
    {
        _input.Append(Connection!.ToSender.Take(count));
        var sequence = _input.Sequence;
        FrameStatus status;
        while ((status = _reader.TryRead(ref sequence, out var frame)) == FrameStatus.Complete)
        {
            Handle(in frame.Command);
            if (Connection is null)
            {
                return;
            }
        }

        SimulatedReceiver.Verify(status == FrameStatus.NeedMoreData, _reader.Fault.Describe());
        _input.Keep(sequence);
    }

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        Session.Dispose();
    }

    /// <summary>The command with a number: every byte of it follows from the number.</summary>
    public static CommandHeader CommandFor(int id, out byte[] payload)
    {
        var random = new Random(id);
        payload = [];
        var header = new CommandHeader
        {
            Command = CommandCode.SendMessage,
            SourceEndpoint = 10,
            DestinationEndpoint = 11,
            SourceNode = 3,
            DestinationNode = 4,
            ProcessId = id,
            Timestamp = Now,
        };
        header.Message.Source = 10;
        if (random.Next(3) == 0)
        {
            payload = new byte[random.Next(1, random.Next(20) == 0 ? MaxPayload + 1 : 400)];
            random.NextBytes(payload.AsSpan(0, payload.Length / 2));
            header.Command = CommandCode.CopyInData;
            header.PayloadLength = header.Copy.Length = payload.Length;
        }

        return header;
    }

    private void Handle(in CommandHeader header)
    {
        if (SessionMessage.TryReadAcknowledgement(in header, out var sequence))
        {
            SimulatedReceiver.Verify(Session.TryAcknowledge(sequence, out var problem), problem);
            return;
        }

        if (SessionMessage.Is(in header, SessionMessageType.Challenge))
        {
            var refusal = Session.OnChallenge(in header, Now, out var proof);
            SimulatedReceiver.Verify(refusal is null, refusal);
            WriteControl(proof);
            return;
        }

        var before = Session.Window.Kept;
        var keptIds = _kept.Where(entry => IsKept(entry.Sequence)).Select(entry => entry.Id).ToList();
        var decision = Session.OnAccept(in header);
        SimulatedReceiver.Verify(decision.Outcome != AcceptOutcome.Fail, decision.Problem);
        SimulatedReceiver.Verify(decision.UnknownFate.Frames + (decision.UnknownFate == default ? 0 : Session.Window.Kept.Frames) <= before.Frames, "more was dropped than kept");
        var dropped = keptIds.Take((int)decision.UnknownFate.Commands).ToList();
        if (decision.UnknownFate != default)
        {
            // Exactly the commands that are not kept any more.
            SimulatedReceiver.Verify(
                dropped.Count == decision.UnknownFate.Commands && keptIds.Count - dropped.Count == Session.Window.Kept.Commands, "commands of unknown fate are miscounted");
        }

        Resumes += decision.Outcome == AcceptOutcome.Resume ? 1 : 0;
        Losses += decision.Outcome == AcceptOutcome.Renew ? 1 : 0;
        UnknownFate.UnionWith(dropped);
        Repeated.UnionWith(keptIds.Take((int)decision.PossiblyRepeated.Commands));
        if (decision.Outcome == AcceptOutcome.Renew)
        {
            Leave();
        }
    }

    private void CompleteFrame() => _writer.Complete();

    private void WriteControl(CommandHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        SessionMessage.WriteFrame(output, Layout, in header);
        Connection!.ToReceiver.Write(output.WrittenSpan);
    }

    private bool IsKept(ulong sequence)
    {
        var space = new SequenceSpace(Layout.DataModel);
        return space.Distance(Session.Window.OldestSequence, sequence) >= 0;
    }

    private int IndexOfOldest()
    {
        var index = _kept.FindIndex(entry => IsKept(entry.Sequence));
        return index < 0 ? _kept.Count : index;
    }

    private ulong Wrap(ulong sequence) => new SequenceSpace(Layout.DataModel).Wrap(sequence);
}
