using BenchmarkDotNet.Attributes;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks;

/// <summary>
/// The two hot calls of a proxy through the real path: P/Invoke, libc, and a driver behind it, which here is the native stand-in. What counts is that
/// nothing is allocated; the time is the stand-in's as much as ours.
/// </summary>
[Config(typeof(StandInJob))]
[MemoryDiagnoser]
public class DeviceCallBenchmarks
{
    private const int Source = 5;
    private const int Destination = 3;
    private static int _drivers;

    private readonly byte[] _payload = new byte[65_536];
    private readonly ManualResetEventSlim _end = new();
    private readonly AutoResetEvent _fill = new(false);
    private readonly AutoResetEvent _filled = new(false);
    private KernelDvkDevice _device = null!;
    private CommandHeader _command;

    [GlobalSetup(Targets = [nameof(FetchNothing), nameof(FetchCommand)])]
    public void BindAsSender() => Bind(isSender: true);

    [GlobalSetup(Target = nameof(DeliverCommand))]
    public void BindAsReceiver() => Bind(isSender: false);

    [GlobalCleanup]
    public void Close()
    {
        _end.Set();
        _fill.Set();
        _device.Dispose();
    }

    /// <summary>Has the driver queue an acknowledgement for every call of the iteration.</summary>
    [IterationSetup(Target = nameof(FetchCommand))]
    public void Fill()
    {
        _fill.Set();
        _filled.WaitOne();
    }

    /// <summary>get2rmt with nothing queued and no wait.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public DvkError FetchNothing() => _device.GetToRemote(out _, _payload, 0);

    /// <summary>get2rmt that hands out a command.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public DvkError FetchCommand()
    {
        var error = _device.GetToRemote(out _command, _payload, 0);
        return error == DvkError.Ok ? error : throw new DvkException(error, "fetch a command");
    }

    /// <summary>put2lcl of a notification.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public DvkError DeliverCommand()
    {
        var error = _device.PutToLocal(_command, default);
        return error == DvkError.Ok ? error : throw new DvkException(error, "deliver a command");
    }

    private void Bind(bool isSender)
    {
        if (StandIn.Problem is { } problem)
        {
            throw new InvalidOperationException(problem);
        }

        // A driver of its own for every benchmark, also where several run in one process.
        _device = KernelDvkDevice.Open($"/dev/dvk@benchmark{Interlocked.Increment(ref _drivers)}");
        _device.InitializeDvs(0, new DvsInfo());
        _device.StartDc(new DcInfo { DcId = 0 });
        using var started = new ManualResetEventSlim();
        var otherId = 0;
        var other = new Thread(() =>
        {
            otherId = _device.CurrentThreadId;
            started.Set();
            Serve();
        })
        { IsBackground = true };
        other.Start();
        started.Wait();
        var ownId = _device.CurrentThreadId;
        _device.BindProxies("node1", 1, isSender ? ownId : otherId, isSender ? otherId : ownId, _payload.Length);
        _device.NodeUp("node1", 1, 1);
        _device.AddNode(0, 1);
        DvkException.ThrowIfFailed(_device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected), "connect the sender");
        DvkException.ThrowIfFailed(_device.SetProxyConnection(1, ProxyConnectionChange.ReceiverConnected), "connect the receiver");
        DvkException.ThrowIfFailed(_device.TryBind(BindRequest.Remote(0, Source, 1, "remote"), out _), "bind the source");
        if (!isSender)
        {
            var process = new Thread(() =>
            {
                DvkException.ThrowIfFailed(_device.TryBind(BindRequest.Self(0, Destination), out _), "bind the destination");
                started.Set();
                _end.Wait();
            })
            { IsBackground = true };
            started.Reset();
            process.Start();
            started.Wait();
        }

        _command = new CommandHeader
        {
            Command = isSender ? CommandCode.SendMessage : CommandCode.NotifyMessage,
            SourceEndpoint = Source,
            SourceNode = 1,
            DestinationEndpoint = Destination,
            ResultCode = isSender ? 0 : -1,
        };

        // The driver takes the number of a notifier from the type.
        _command.Message.Type = 0x1000 + Source;
    }

    // As the receiver: messages to a process that is not there, each of which the driver answers.
    private void Serve()
    {
        while (_fill.WaitOne() && !_end.IsSet)
        {
            var message = new CommandHeader { Command = CommandCode.SendMessage, SourceEndpoint = Source, SourceNode = 1, DestinationEndpoint = Destination };
            for (var i = 0; i < StandInJob.Calls; i++)
            {
                _ = _device.PutToLocal(message, default);
            }

            _filled.Set();
        }
    }
}
