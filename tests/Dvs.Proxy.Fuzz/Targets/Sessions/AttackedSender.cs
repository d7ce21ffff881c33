using System.Buffers;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Fuzz.Targets.Frames;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Fuzz.Targets.Sessions;

/// <summary>A sender's session under attack, with some frames to send on every connection; checks that what it sends is in order and the
/// same at every time, and that nothing disappears unaccounted.</summary>
internal sealed class AttackedSender
{
    private const int LargestPayload = 256;
    private const int MaxFrames = 16;
    private const int FramesPerConnection = 3;

    private static readonly Timestamp Now = new(1_700_000_000, 5_000);

    private readonly OutcomeCounter<AcceptOutcome> _outcomes = new();
    private readonly byte[] _block = new byte[LargestPayload];
    private long _acknowledged;
    private long _badAcknowledgements;
    private long _refused;
    private ulong _nextId;
    private long _committed;

    public IEnumerable<KeyValuePair<string, long>> Outcomes => _outcomes.NonZero.Concat(
    [
        KeyValuePair.Create("acks", _acknowledged), KeyValuePair.Create("bad acks", _badAcknowledgements), KeyValuePair.Create("refused by peer", _refused),
    ]);

    public void Run(byte options, ReadOnlyMemory<byte> rest)
    {
        var model = SessionInput.Model(options);
        var writerOptions = WriterOptions(model);
        _nextId = SessionTarget.SenderSessionId;
        _committed = 0;
        using var session = new SenderSession(
            new SenderSessionOptions
            {
                Model = model,
                LocalNode = SampleCommands.SourceNode,
                PeerNode = SampleCommands.DestinationNode,
                MaxPayload = LargestPayload,
                Window = new RetransmitWindowOptions(64 * 1024, MaxFrames, FrameWriter.LargestRoomOf(writerOptions)),
                Digest = SessionInput.WantsDigest(options) ? FrameDigestKind.Md5 : FrameDigestKind.None,
                AtLeastOnce = SessionInput.WantsAtLeastOnce(options),
            },
            () => _nextId++);
        using var writer = new FrameWriter(writerOptions, session.Window);
        var readerOptions = new FrameReaderOptions
        {
            Layout = WireLayout.For(model),
            ExpectedSourceNode = SampleCommands.DestinationNode,
            ExpectedDestinationNode = SampleCommands.SourceNode,
        };
        while (SessionInput.TryTake(ref rest, out var connection))
        {
            Fill(session.Window, writer);
            Serve(session, readerOptions, connection);
            session.OnDisconnected();
            Oracle.Require(!session.IsOpen);
            CheckWindow(session);
        }

        session.Abandon();
        Oracle.Require(session.Window.IsEmpty && session.ToString().Length > 0);
    }

    private static FrameWriterOptions WriterOptions(DataModel model) =>
        new() { Layout = WireLayout.For(model), MaxPayload = LargestPayload, Sequenced = true, Digest = FrameDigestKind.Md5 };

    private void Fill(RetransmitWindow window, FrameWriter writer)
    {
        for (var frame = 0; frame < FramesPerConnection && window.HasRoom; frame++)
        {
            var header = new CommandHeader
            {
                Command = frame == 1 ? CommandCode.CopyInData : CommandCode.SendMessage,
                SourceNode = SampleCommands.SourceNode,
                DestinationNode = SampleCommands.DestinationNode,
                Timestamp = Now,
                ProcessId = (int)window.NextSequence,
            };
            header.PayloadLength = header.Copy.Length = frame == 1 ? 100 : 0;
            writer.Write(in header, _block.AsSpan(0, header.PayloadLength));
            _committed++;
        }

        window.ReleaseRoom();
    }

    private void Serve(SenderSession session, FrameReaderOptions options, ReadOnlyMemory<byte> connection)
    {
        using var reader = new FrameReader(options);
        var buffer = new ReadOnlySequence<byte>(connection);
        CheckOpen(session);
        while (reader.TryRead(ref buffer, out var frame) == FrameStatus.Complete)
        {
            if (!frame.IsControl || !HandleAnswer(session, in frame.WireHeader, options.Layout))
            {
                return;
            }

            CheckWindow(session);
        }
    }

    // False: the connection is closed.
    private bool HandleAnswer(SenderSession session, in CommandHeader header, WireLayout layout)
    {
        switch ((SessionMessageType)header.Message.Type)
        {
            case SessionMessageType.Challenge:
                var refusal = session.OnChallenge(in header, Now, out var proof);
                Oracle.Require(refusal is null ? SessionMessage.Is(in proof, SessionMessageType.Proof) : refusal.Length > 0);
                return refusal is null;
            case SessionMessageType.Accept:
                var wasOpen = session.IsOpen;
                var before = session.ToString();
                var decision = session.OnAccept(Authenticate(session, header));
                Oracle.Require(decision.Outcome != AcceptOutcome.Fail || wasOpen || KeepsState(before, session), "what makes no sense changes nothing");
                _outcomes.Count(decision.Outcome);
                return FollowAccept(session, in decision, layout);
            case SessionMessageType.Refuse:
                _refused++;
                var isOpen = session.IsOpen;
                Oracle.Require(
                    (!SessionMessage.TryRead(in header, out SessionRefuse refuse) || session.DescribeRefusal(refuse).Length > 0) && session.IsOpen == isOpen,
                    "a REFUSE is described and changes nothing");
                return false;
            case SessionMessageType.Acknowledge:
                Oracle.Require(SessionMessage.TryReadAcknowledgement(in header, out var sequence));
                var isGood = session.TryAcknowledge(sequence, out var problem);
                Oracle.Require(isGood == (problem is null));
                _acknowledged += isGood ? 1 : 0;
                _badAcknowledgements += isGood ? 0 : 1;
                return isGood;
            default:
                return true;
        }
    }

    private static bool FollowAccept(SenderSession session, in AcceptDecision decision, WireLayout layout)
    {
        switch (decision.Outcome)
        {
            case AcceptOutcome.Fail:
                Oracle.Require(decision.Problem is { Length: > 0 } && !session.IsOpen);
                return false;
            case AcceptOutcome.Renew:
                Oracle.Require(decision.Problem is { Length: > 0 } && decision.Loss != SessionLoss.None && !session.IsOpen);
                return false;
            default:
                Oracle.Require(session.IsOpen);
                CheckSent(session.Window, layout);
                return true;
        }
    }

    private static void CheckOpen(SenderSession session)
    {
        var header = session.CreateOpen(Now);
        Oracle.Require(SessionMessage.TryRead(in header, out SessionOpen open));
        Oracle.Require(open.Id == session.Id && open.Id.IsValid && !session.IsOpen);
    }

    // An ACCEPT of an even process gets the MAC that fits, so that what is behind it is attacked, too.
    private static CommandHeader Authenticate(SenderSession session, CommandHeader header)
    {
        Oracle.Require(SessionMessage.TryRead(in header, out SessionAccept accept));
        return session.Keys is { } keys && accept.ProcessId % 2 == 0
            ? SessionMessage.Create(
                accept with { Mac = keys.AcceptMac(accept.ProcessId, accept.IsKnown, accept.Delivered) },
                SampleCommands.DestinationNode, SampleCommands.SourceNode, Now)
            : header;
    }

    private static bool KeepsState(string before, SenderSession session) =>
        before[..before.IndexOf(' ', "session ".Length)] == session.ToString()[..before.IndexOf(' ', "session ".Length)]
        && before[before.IndexOf(", frames", StringComparison.Ordinal)..] == session.ToString()[session.ToString().IndexOf(", frames", StringComparison.Ordinal)..];

    // All that is kept goes out, from the oldest on, each frame with its number and its content.
    private static void CheckSent(RetransmitWindow window, WireLayout layout)
    {
        var expected = window.OldestSequence;
        var frames = 0L;
        while (window.TryTakeUnsent(out var piece))
        {
            using var reader = new FrameReader(new FrameReaderOptions { Layout = layout, AllowSessionFlags = true });
            var buffer = new ReadOnlySequence<byte>(piece);
            while (reader.TryRead(ref buffer, out var frame) == FrameStatus.Complete)
            {
                Oracle.Require(frame.WireHeader.SendSequence == expected, "frames go out in order");
                Oracle.Require(frame.WireHeader.ProcessId == (int)expected, "a frame keeps its content");
                expected++;
                frames++;
            }

            Oracle.Require(buffer.IsEmpty, "pieces are whole frames");
        }

        Oracle.Require(frames == window.Kept.Frames, "all that is kept is sent");
    }

    private void CheckWindow(SenderSession session)
    {
        var window = session.Window;
        Oracle.Require(window.Kept.Frames is >= 0 and <= MaxFrames);
        Oracle.Require(window.NextSequence - window.OldestSequence == (ulong)window.Kept.Frames);
        Oracle.Require(window.NextSequence == (ulong)_committed + 1, "nothing is numbered twice");
        Oracle.Require(window.MemoryHeld <= 4 * 256 * 1024, "the window's memory is bounded");
    }
}
