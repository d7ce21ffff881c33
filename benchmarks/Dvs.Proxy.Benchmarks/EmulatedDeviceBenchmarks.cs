using BenchmarkDotNet.Attributes;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks;

/// <summary>The two hot calls of a proxy on the emulated driver. The benchmark's thread is one half of the pair, another thread the other.</summary>
[MemoryDiagnoser]
public class EmulatedDeviceBenchmarks
{
    private const int Source = 5;
    private const int Destination = 3;
    private const int PeerNode = 1;
    private readonly byte[] _payload = new byte[65_536];
    private readonly ManualResetEventSlim _end = new();
    private EmulatedDvk _device = null!;
    private CommandHeader _notification;
    private CommandHeader _fetched;

    [GlobalSetup(Target = nameof(FetchNothing))]
    public void BindAsSender() => Bind(isSender: true);

    [GlobalSetup(Target = nameof(DeliverNotification))]
    public void BindAsReceiver() => Bind(isSender: false);

    [GlobalCleanup]
    public void Cleanup()
    {
        _end.Set();
        _device.Dispose();
    }

    /// <summary>get2rmt with nothing queued and no wait.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public DvkError FetchNothing() => _device.GetToRemote(out _fetched, _payload, 0);

    /// <summary>put2lcl of a notification that is pending already.</summary>
    [Benchmark]
    [BenchmarkCategory(QuickRun.AllocationFree)]
    public DvkError DeliverNotification() => _device.PutToLocal(in _notification, default);

    private void Bind(bool isSender)
    {
        _device = EmulatedDvk.StartNode(0);
        _device.StartDc(new DcInfo { DcId = 0 });
        var own = _device.CurrentThreadId;
        var other = StartOthers();
        _device.BindProxies("peer", PeerNode, isSender ? own : other, isSender ? other : own, _payload.Length);
        _device.NodeUp("peer", PeerNode, PeerNode);
        Check(_device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Check(_device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverConnected));
        _device.AddNode(0, PeerNode);
        Check(_device.TryBind(BindRequest.Remote(0, Source, PeerNode, "client"), out _));
        _notification = ProtocolSamples.Message(1) with
        {
            Command = CommandCode.NotifyMessage,
            DcId = 0,
            SourceEndpoint = Source,
            DestinationEndpoint = Destination,
            SourceNode = PeerNode,
            DestinationNode = 0,
            ResultCode = -1,
        };

        // The driver takes the notifier's number from the type.
        _notification.Message.Type = 0x1000 + Source;
        Check(isSender ? FetchNothing() : DeliverNotification(), isSender ? DvkError.TimedOut : DvkError.Ok);
    }

    /// <summary>Two threads that live on: the other half of the pair, and the destination process.</summary>
    private int StartOthers()
    {
        using var started = new CountdownEvent(2);
        var error = DvkError.Ok;
        var id = 0;
        void Start(Action body) => new Thread(() =>
        {
            body();
            started.Signal();
            _end.Wait();
        })
        { IsBackground = true }.Start();
        Start(() => id = _device.CurrentThreadId);
        Start(() => error = _device.TryBind(BindRequest.Self(0, Destination, "server"), out _));
        started.Wait();
        Check(error);
        return id;
    }

    private static void Check(DvkError error, DvkError expected = DvkError.Ok)
    {
        if (error != expected && error < DvkError.Ok)
        {
            throw new DvkException(error, "set up the benchmark");
        }
    }
}
