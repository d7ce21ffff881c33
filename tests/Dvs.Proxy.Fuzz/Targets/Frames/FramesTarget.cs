using System.Buffers;
using Dvs.Proxy.Fuzz.Engine;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Protocol.Frames;
using Dvs.Proxy.Protocol.Frames.Validation;

namespace Dvs.Proxy.Fuzz.Targets.Frames;

/// <summary>
/// The frame reader, with the input in one piece before a forbidden page, and once more in pieces that arrive one after the other: both
/// must come to the same frames and the same end.
/// </summary>
public sealed class FramesTarget : FuzzTarget
{
    private static readonly Lazy<IReadOnlyList<Seed>> CorpusLp64 = new(static () => StreamCorpus.Make(WireLayout.Lp64));
    private static readonly Lazy<IReadOnlyList<Seed>> CorpusIlp32 = new(static () => StreamCorpus.Make(WireLayout.Ilp32));

    private readonly WireLayout _layout;
    private readonly GuardedMemory _memory = new(FuzzSettings.MaxInputLength);
    private readonly PieceList _pieces = new();
    private readonly FuzzRandom _random = new(0, 0);
    private readonly ArrayBufferWriter<byte> _rewritten = new(256 * 1024);
    private readonly FrameWriter _writer;
    private readonly FrameReaderOptions[] _options;
    private readonly OutcomeCounter<FrameFaultKind> _faults = new();
    private long _frames;
    private long _batched;

    /// <summary>A target for one data model.</summary>
    public FramesTarget(DataModel model)
    {
        _layout = WireLayout.For(model);
        _writer = new FrameWriter(new FrameWriterOptions { Layout = _layout }, _rewritten);
        _options = [.. Enumerable.Range(0, 4).Select(choice => new FrameReaderOptions
        {
            Layout = _layout,
            MaxPayload = CommandChecks.MaxPayload,
            AllowSessionFlags = (choice & 1) != 0,
            ExpectedSourceNode = (choice & 2) != 0 ? SampleCommands.SourceNode : null,
            ExpectedDestinationNode = (choice & 2) != 0 ? SampleCommands.DestinationNode : null,
        })];
    }

    /// <inheritdoc/>
    public override string Name => _layout.DataModel == DataModel.Lp64 ? "frames" : "frames32";

    /// <inheritdoc/>
    public override IReadOnlyList<Seed> Corpus => _layout.DataModel == DataModel.Lp64 ? CorpusLp64.Value : CorpusIlp32.Value;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, long> Outcomes =>
        new Dictionary<string, long>(_faults.NonZero) { ["frames"] = _frames, ["batched commands"] = _batched };

    /// <summary>Three readers at most, each with two scratch arrays of the largest payload (a pool rounds up), and words.</summary>
    public override long AllowedAllocation(int inputLength) => (3 * 2 * 2L * CommandChecks.MaxPayload) + 32_768;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var hash = InputHash.Of(input);
        var options = _options[hash & 3];
        var memory = _memory.TailMemory(input.Length);
        input.CopyTo(memory.Span);
        var whole = ReadWhole(memory, options, (hash & 0x70) == 0);
        _faults.Count(whole.Fault.Kind);
        _frames += whole.Frames;
        _batched += whole.Commands - whole.Frames;
        if ((hash & 4) != 0)
        {
            _random.Reset(hash, 1);
            _pieces.Cut(memory, _random);
            var inPieces = ReadPieces(options);
            Oracle.Require(inPieces == whole, "the same frames and the same end, in one piece and in several");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _writer.Dispose();
        ((IDisposable)_memory).Dispose();
    }

    private Summary ReadWhole(ReadOnlyMemory<byte> input, FrameReaderOptions options, bool thorough)
    {
        using var reader = new FrameReader(options);
        var buffer = new ReadOnlySequence<byte>(input);
        var summary = default(Summary);
        Drain(reader, options, ref buffer, ref summary, thorough);
        return End(reader, in buffer, summary);
    }

    private Summary ReadPieces(FrameReaderOptions options)
    {
        using var reader = new FrameReader(options);
        var summary = default(Summary);
        var consumed = 0L;
        var buffer = default(ReadOnlySequence<byte>);
        foreach (var end in _pieces.Ends)
        {
            buffer = _pieces.All.Slice(consumed, end - consumed);
            var status = Drain(reader, options, ref buffer, ref summary, thorough: false);
            consumed = end - buffer.Length;
            if (status == FrameStatus.Malformed)
            {
                break;
            }
        }

        // What was not shown to the reader any more counts all the same.
        buffer = _pieces.All.Slice(consumed);
        return End(reader, in buffer, summary);
    }

    private FrameStatus Drain(
        FrameReader reader, FrameReaderOptions options, ref ReadOnlySequence<byte> buffer, ref Summary summary, bool thorough)
    {
        while (true)
        {
            var before = buffer.Length;
            var status = reader.TryRead(ref buffer, out var frame);
            switch (status)
            {
                case FrameStatus.NeedMoreData:
                    Oracle.Require(buffer.Length == before);
                    Oracle.Require(reader.BytesNeeded > before);
                    Oracle.Require(reader.BytesNeeded <= _layout.HeaderSize + CommandChecks.MaxPayload + WireLimits.DigestSize);
                    return status;
                case FrameStatus.Malformed:
                    Oracle.Require(buffer.Length == before);
                    summary = summary with { Fault = reader.Fault };
                    CheckFault(reader, ref buffer, thorough);
                    return status;
            }

            Oracle.Require(status == FrameStatus.Complete);
            Oracle.Require(before - buffer.Length == frame.WireLength);
            CommandChecks.CheckFrame(in frame, _layout, options);
            summary = summary.With(in frame);
            if (thorough)
            {
                ReadContent(in frame);
                WriteAgain(in frame);
            }
        }
    }

    private static void CheckFault(FrameReader reader, ref ReadOnlySequence<byte> buffer, bool thorough)
    {
        var fault = reader.Fault;
        Oracle.Require(fault.Kind != FrameFaultKind.None);
        if (thorough)
        {
            Oracle.Require(fault.Describe().Length is > 0 and < 500);
            Oracle.Require(reader.TryRead(ref buffer, out _) == FrameStatus.Malformed && reader.Fault == fault, "the same fault at a second look");
        }
    }

    private static Summary End(FrameReader reader, in ReadOnlySequence<byte> rest, Summary summary)
    {
        if (summary.Fault.Kind != FrameFaultKind.None)
        {
            return summary with { Rest = rest.Length };
        }

        Oracle.Require(reader.EndsCleanly(in rest) == rest.IsEmpty);
        Oracle.Require(rest.IsEmpty || (reader.Fault.Kind == FrameFaultKind.Truncated && reader.Fault.Describe().Length > 0));
        return summary with { Rest = rest.Length };
    }

    // Readers of contents take whatever the peer wrote there.
    private void ReadContent(in Frame frame)
    {
        var model = _layout.DataModel;
        ref readonly var command = ref frame.Command;
        Oracle.Require(command.ToString().Length > 0);
        Oracle.Require(MessageM3.Read(in command.Message, model).Ca1.ToString().Length <= 14);
        ControlMessage.TryRead(in command, model, out LoadReport _);
        ControlMessage.TryRead(in command, model, out LoadThresholds _);
        if (ControlMessage.TryRead(in command, model, out RemoteBindRequest request))
        {
            Oracle.Require(request.Name.Length <= 14);
        }

        ControlMessage.TryReadRemoteBindResult(in command, model, out _);
    }

    private void WriteAgain(in Frame frame)
    {
        _rewritten.Clear();
        _writer.Write(in frame.Command, frame.Payload);
        var buffer = new ReadOnlySequence<byte>(_rewritten.WrittenMemory);
        using var reader = new FrameReader(_options[0]);
        var isRead = reader.TryRead(ref buffer, out var again) == FrameStatus.Complete && buffer.IsEmpty;
        Oracle.Require(isRead || reader.Fault.Kind == FrameFaultKind.DataModelMismatch, "what was read can be written and read again");
        Oracle.Require(!isRead || again.Payload.SequenceEqual(frame.Payload));
        Oracle.Require(!isRead || (again.Command.Command == frame.Command.Command && again.Command.Message == frame.Command.Message && again.Command.Copy == frame.Command.Copy));
    }

    // Compared as a whole.
    private readonly record struct Summary(int Frames, int Commands, ulong Hash, FrameFault Fault, long Rest)
    {
        public Summary With(in Frame frame)
        {
            var hash = (Hash * 31) + InputHash.Of(frame.Payload) + ((ulong)frame.Command.Command << 32) + (uint)frame.WireLength;
            foreach (ref readonly var command in frame.GetBatch())
            {
                hash = (hash * 31) + (ulong)command.Command + (uint)command.SourceEndpoint;
            }

            return new Summary(Frames + 1, Commands + frame.CommandCount, hash, Fault, Rest);
        }
    }
}
