using System.Buffers;
using BenchmarkDotNet.Attributes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compression;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;
using K4os.Compression.LZ4.Streams;

namespace Dvs.Proxy.Benchmarks;

/// <summary>One header, both data models.</summary>
[MemoryDiagnoser]
public class HeaderBenchmarks
{
    private readonly byte[] _bytes = new byte[168];
    private WireLayout _layout = WireLayout.Lp64;
    private CommandHeader _header;

    [Params(DataModel.Lp64, DataModel.Ilp32)]
    public DataModel Model { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _layout = WireLayout.For(Model);
        _header = ProtocolSamples.Message(1);
        _layout.Write(_bytes, in _header);
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read()
    {
        _layout.Read(_bytes, out _header);
        return _header.DcId;
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public void Write() => _layout.Write(_bytes, in _header);
}

/// <summary>One frame, with a block or without, written in place.</summary>
[MemoryDiagnoser]
public class FrameWriteBenchmarks
{
    private readonly ProtocolOutput _output = new(1 << 18);
    private FrameWriter _writer = null!;
    private CommandHeader _header;

    [Params(DataModel.Lp64, DataModel.Ilp32)]
    public DataModel Model { get; set; }

    [Params(0, 1024, 65_536)]
    public int Block { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.For(Model) }, _output);
        _header = Block == 0 ? ProtocolSamples.Message(1) : ProtocolSamples.Copy(Block);
    }

    /// <summary>What the sender thread does, without the driver's copy of the block.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Write()
    {
        _output.Clear();
        var room = _writer.GetPayloadRoom();
        _writer.Add(in _header);
        _writer.Complete();
        return room.Length;
    }
}

/// <summary>One frame, with a block or without, read from one piece or several.</summary>
[MemoryDiagnoser]
public class FrameReadBenchmarks
{
    private FrameReader _reader = null!;
    private ReadOnlySequence<byte> _input;

    [Params(DataModel.Lp64, DataModel.Ilp32)]
    public DataModel Model { get; set; }

    [Params(0, 1024, 65_536)]
    public int Block { get; set; }

    /// <summary>Bytes per piece of the input; 0 is one piece. 100 cuts the header, 1448 is what one Ethernet packet brings.</summary>
    [Params(0, 100, 1448)]
    public int Piece { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var layout = WireLayout.For(Model);
        _reader = new FrameReader(new FrameReaderOptions { Layout = layout });
        var output = new ProtocolOutput(1 << 18);
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = layout }, output);
        var header = Block == 0 ? ProtocolSamples.Message(1) : ProtocolSamples.Copy(Block);
        writer.Write(in header, new byte[Block]);
        _input = ProtocolSamples.Split(output.Written.ToArray(), Piece);
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read()
    {
        var input = _input;
        return _reader.TryRead(ref input, out var frame) == FrameStatus.Complete ? frame.Payload.Length : throw new InvalidOperationException("The frame is not whole.");
    }
}

/// <summary>One frame with a block of 64 KiB of text and what the options add: a place in the session, a digest, compression.</summary>
[MemoryDiagnoser]
public class FrameOptionBenchmarks
{
    private const int Block = 65_536;
    private readonly byte[] _content = new byte[Block];
    private readonly ProtocolOutput _output = new(1 << 18);
    private FrameWriter _writer = null!;
    private FrameReader _reader = null!;
    private CommandHeader _header;
    private byte[] _frame = [];

    [Params(false, true)]
    public bool Compress { get; set; }

    [Params(FrameDigestKind.None, FrameDigestKind.Md5, FrameDigestKind.Xxh128)]
    public FrameDigestKind Digest { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _writer = new FrameWriter(new FrameWriterOptions { Compress = Compress, Digest = Digest, Sequenced = true }, _output);
        _reader = new FrameReader(new FrameReaderOptions { AllowSessionFlags = true });
        _header = ProtocolSamples.Copy(Block);
        ProtocolSamples.FillWithText(_content);
        Write();
        _frame = _output.Written.ToArray();
        Read();
    }

    /// <summary>With the copy of the block that a driver makes.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Write()
    {
        _output.Clear();
        _content.CopyTo(_writer.GetPayloadRoom());
        _writer.Add(in _header);
        _writer.Complete();
        return _output.Written.Length;
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read()
    {
        var input = new ReadOnlySequence<byte>(_frame);
        return _reader.TryRead(ref input, out var frame) == FrameStatus.Complete ? frame.Payload.Length : throw new InvalidOperationException("The frame is not whole.");
    }
}

/// <summary>Batches from one command behind the outer one to the most the format allows.</summary>
[MemoryDiagnoser]
public class BatchBenchmarks
{
    private readonly ProtocolOutput _output = new(1 << 18);
    private FrameWriter _writer = null!;
    private FrameReader _reader = null!;
    private CommandHeader[] _commands = [];
    private byte[] _frame = [];

    [Params(1, 10, 100, 390)]
    public int Commands { get; set; }

    [Params(false, true)]
    public bool Compress { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _writer = new FrameWriter(new FrameWriterOptions { MaxBatchCommands = Commands, Compress = Compress }, _output);
        _reader = new FrameReader(new FrameReaderOptions());
        _commands = [.. Enumerable.Range(0, Commands + 1).Select(ProtocolSamples.Message)];
        Write();
        _frame = _output.Written.ToArray();
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Write()
    {
        _output.Clear();
        foreach (ref var command in _commands.AsSpan())
        {
            _writer.Add(in command);
        }

        _writer.Complete();
        return _output.Written.Length;
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read()
    {
        var input = new ReadOnlySequence<byte>(_frame);
        _reader.TryRead(ref input, out var frame);
        var sum = frame.Command.DcId;
        foreach (ref readonly var command in frame.GetBatch())
        {
            sum += command.DcId;
        }

        return sum;
    }
}

/// <summary>Compression of one block, beside K4os's own stream API.</summary>
[MemoryDiagnoser]
public class CompressionBenchmarks
{
    private readonly byte[] _scratch = new byte[70_000];
    private readonly byte[] _back = new byte[65_536];
    private byte[] _content = [];
    private byte[] _packed = [];

    [Params(1024, 65_536)]
    public int Block { get; set; }

    [Params(false, true)]
    public bool Random { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _content = new byte[Block];
        if (Random)
        {
            new Random(1).NextBytes(_content);
        }
        else
        {
            ProtocolSamples.FillWithText(_content);
        }

        using var target = new MemoryStream();
        using (var encoder = LZ4Stream.Encode(target, leaveOpen: true))
        {
            encoder.Write(_content);
        }

        _packed = target.ToArray();
    }

    /// <summary>As the writer does it: only if smaller.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Compress() => Lz4FrameCodec.Instance.Compress(_content, _scratch.AsSpan(0, Block - 1));

    [Benchmark]
    public int CompressWithStream()
    {
        using var target = new MemoryStream(_scratch);
        using (var encoder = LZ4Stream.Encode(target, leaveOpen: true))
        {
            encoder.Write(_content);
        }

        return (int)target.Position;
    }

    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Decompress()
    {
        Lz4FrameCodec.Instance.Decompress(_packed, _back.AsSpan(0, Block), out var written);
        return written;
    }

    [Benchmark]
    public int DecompressWithStream()
    {
        using var source = new MemoryStream(_packed);
        using var decoder = LZ4Stream.Decode(source);
        decoder.ReadExactly(_back, 0, Block);
        return Block;
    }
}
