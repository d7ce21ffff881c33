using BenchmarkDotNet.Attributes;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Pairing.Session;
using Dvs.Proxy.Pairing.Session.Window;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Benchmarks;

/// <summary>The digest of one frame.</summary>
[MemoryDiagnoser]
public class DigestBenchmarks
{
    private readonly byte[] _digest = new byte[WireLimits.DigestSize];
    private byte[] _content = [];
    private IFrameDigest _algorithm = Md5FrameDigest.Instance;

    [Params(168, 4096, 65_536)]
    public int Frame { get; set; }

    [Params("MD5", "XXH128", "GMAC")]
    public string Kind { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _content = new byte[Frame];
        new Random(1).NextBytes(_content);
        _algorithm = Kind switch
        {
            "GMAC" => new AesGmacFrameDigest(new byte[32], FrameDigestUse.Commands),
            "XXH128" => Xxh128FrameDigest.Instance,
            _ => Md5FrameDigest.Instance,
        };
        _algorithm.Compute(_content, 1, _digest);
    }

    [GlobalCleanup]
    public void Cleanup() => (_algorithm as IDisposable)?.Dispose();

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public void Compute() => _algorithm.Compute(_content, 1, _digest);

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public bool Verify() => _algorithm.Verify(_content, 1, _digest);
}

/// <summary>The sender's window: frames written into it, taken out for the connection, acknowledged.</summary>
[MemoryDiagnoser]
public class RetransmitWindowBenchmarks
{
    private FrameWriter _writer = null!;
    private RetransmitWindow _window = null!;
    private CommandHeader _header;

    [Params(0, 65_536)]
    public int Block { get; set; }

    /// <summary>Frames between two acknowledgements.</summary>
    [Params(1, 32)]
    public int Frames { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var options = new FrameWriterOptions { Sequenced = true };
        _window = new RetransmitWindow(
            DataModel.Lp64,
            new RetransmitWindowOptions(4 << 20, PeerOptions.DefaultWindowFrames, FrameWriter.LargestRoomOf(options)));
        _writer = new FrameWriter(options, _window);
        _header = Block == 0 ? ProtocolSamples.Message(1) : ProtocolSamples.Copy(Block);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _window.Dispose();
        _writer.Dispose();
    }

    /// <summary>All a frame goes through at the sender, but for the driver and the socket.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public long WriteTakeAcknowledge()
    {
        for (var frame = 0; frame < Frames; frame++)
        {
            _writer.GetPayloadRoom();
            _writer.Add(in _header);
        }

        _writer.Complete();
        long taken = 0;
        while (_window.TryTakeUnsent(out var piece))
        {
            taken += piece.Length;
        }

        _window.Acknowledge(_window.NextSequence - 1);
        return taken;
    }
}

/// <summary>The receiver's end: is this frame the next, and is it time to acknowledge.</summary>
[MemoryDiagnoser]
public class ReceiverSessionBenchmarks
{
    private ReceiverSession _session = null!;
    private CommandHeader _frame;

    [GlobalSetup]
    public void Setup()
    {
        const int Sender = 0, Receiver = 1;
        using var sender = new SenderSession(new SenderSessionOptions
        {
            Model = DataModel.Lp64,
            LocalNode = Sender,
            PeerNode = Receiver,
            MaxPayload = BatchSize,
            Window = new RetransmitWindowOptions(4 << 20, PeerOptions.DefaultWindowFrames, BatchSize),
            AtLeastOnce = false,
            Digest = FrameDigestKind.None,
        });
        var options = new ReceiverSessionOptions
        {
            Model = DataModel.Lp64,
            LocalNode = Receiver,
            PeerNode = Sender,
            ProcessId = 1,
            MaxPayload = BatchSize,
        };
        _session = new ReceiverSession(options);
        _session.OnConnected();
        var handshake = new ReceiverHandshake(options);
        sender.OnChallenge(handshake.On(sender.CreateOpen(default), default).Reply!.Value, default, out var proof);
        _session.Accept(handshake.On(in proof, default).Introduction!, default);
        _frame = ProtocolSamples.Message(1) with { Flags = CommandFlags.Sequenced, SendSequence = 1 };
        if (_session.OnFrame(in _frame) != FrameVerdict.Deliver)
        {
            throw new InvalidOperationException("The session does not take its first frame.");
        }

        _session.OnDelivered(BlockSize);
    }

    private const int BatchSize = 65_536;
    private const int BlockSize = 168;

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public bool DeliverNext()
    {
        _frame.SendSequence++;
        var verdict = _session.OnFrame(in _frame);
        _session.OnDelivered(BlockSize);
        if (_session.ShouldAcknowledge(inputDry: false))
        {
            _session.CreateAcknowledgement(default);
        }

        return verdict == FrameVerdict.Deliver;
    }
}
