using System.Buffers;
using BenchmarkDotNet.Attributes;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Compact;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Benchmarks;

/// <summary>Headers as their differences, per header: of messages, and of requests for blocks.</summary>
[MemoryDiagnoser]
public class CompactHeaderBenchmarks
{
    private const int Count = 384;

    private readonly byte[] _compact = new byte[Count * 200];
    private byte[] _outer = [];
    private byte[] _headers = [];
    private byte[] _back = [];
    private int _headerSize;
    private int _length;

    [Params(DataModel.Lp64, DataModel.Ilp32)]
    public DataModel Model { get; set; }

    [Params(false, true)]
    public bool CopyRequests { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var layout = WireLayout.For(Model);
        _headerSize = layout.HeaderSize;
        _headers = new byte[Count * _headerSize];
        _back = new byte[Count * _headerSize];
        _outer = new byte[_headerSize];
        layout.Write(_outer, Sample(0));
        for (var index = 0; index < Count; index++)
        {
            layout.Write(_headers.AsSpan(index * _headerSize), Sample(index + 1));
        }

        _length = Write();
        Console.WriteLine($"// {(double)_length / Count:F1} bytes per header");
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Write()
    {
        ReadOnlySpan<byte> previous = _outer;
        var length = 0;
        for (var index = 0; index < Count; index++)
        {
            var header = _headers.AsSpan(index * _headerSize, _headerSize);
            length += CompactHeaderWriter.Write(header, previous, _compact.AsSpan(length));
            previous = header;
        }

        return length;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read() => CompactHeaderReader.ReadAll(_compact.AsSpan(0, _length), _outer, _back, out var index) == CompactFault.None
        ? index
        : throw new InvalidOperationException("The headers are not whole.");

    /// <summary>What it takes to copy them, to hold the others against.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Copy()
    {
        for (var index = 0; index < Count; index++)
        {
            _headers.AsSpan(index * _headerSize, _headerSize).CopyTo(_back.AsSpan(index * _headerSize));
        }

        return _back.Length;
    }

    private CommandHeader Sample(int index) => CopyRequests ? ProtocolSamples.CopyRequest(index) : ProtocolSamples.Message(index);
}

/// <summary>How the headers of a batch are written.</summary>
public enum BatchForm
{
    /// <summary>As they are.</summary>
    Whole,

    /// <summary>As their differences.</summary>
    Compact,

    /// <summary>As they are, and compressed.</summary>
    Lz4,
}

/// <summary>A batch of a session in each form, per command.</summary>
[MemoryDiagnoser]
public class CompactBatchBenchmarks
{
    private const int Count = 384;

    private readonly ProtocolOutput _output = new(1 << 18);
    private readonly CommandHeader[] _commands = [.. Enumerable.Range(0, Count + 1).Select(ProtocolSamples.Message)];
    private FrameWriter _writer = null!;
    private FrameReader _reader = null!;
    private byte[] _frame = [];

    [Params(BatchForm.Whole, BatchForm.Compact, BatchForm.Lz4)]
    public BatchForm Form { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _writer = new FrameWriter(new FrameWriterOptions { MaxBatchCommands = Count, Sequenced = true, Compress = Form == BatchForm.Lz4 }, _output)
        {
            CompactBatches = Form == BatchForm.Compact,
        };
        _reader = new FrameReader(new FrameReaderOptions { AllowSessionFlags = true });
        Write();
        _frame = _output.Written.ToArray();
        Console.WriteLine($"// {(double)_frame.Length / (Count + 1):F1} bytes per command");
    }

    [Benchmark(OperationsPerInvoke = Count + 1)]
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

    [Benchmark(OperationsPerInvoke = Count + 1)]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public int Read()
    {
        var input = new ReadOnlySequence<byte>(_frame);
        if (_reader.TryRead(ref input, out var frame) != FrameStatus.Complete)
        {
            throw new InvalidOperationException("The frame is not whole.");
        }

        var sum = frame.Command.DcId;
        foreach (ref readonly var command in frame.GetBatch())
        {
            sum += command.DcId;
        }

        return sum;
    }
}
