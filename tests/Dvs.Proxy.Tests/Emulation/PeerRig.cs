using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>Node 0 with a connected pair for node 1, one process here and one there.</summary>
internal sealed class PeerRig : IDisposable
{
    public const int AliceEndpoint = 3;
    public const int PeerEndpoint = 5;

    private const ulong PeerAddress = 0x1000;

    private readonly List<DriverThread> _others = [];

    public PeerRig(EmulatedDvkOptions? options = null, DvsInfo? limits = null)
    {
        Device = EmulatedDvk.StartNode(0, limits, options);
        var dvs = Device.GetDvsInfo();
        Device.StartDc(new DcInfo { DcId = 0, MaxProcesses = dvs.MaxProcesses, MaxTasks = dvs.MaxTasks, MaxSystemProcesses = dvs.MaxSystemProcesses, MaxNodes = dvs.MaxNodes });
        Sender = new DriverThread(Device, "sender");
        Receiver = new DriverThread(Device, "receiver");
        Device.BindProxies("node1", 1, Sender.Id, Receiver.Id, 65_536);
        Device.NodeUp("node1", 1, 1);
        Device.AddNode(0, 1);
        Device.SetProxyConnection(1, ProxyConnectionChange.SenderConnected);
        Device.SetProxyConnection(1, ProxyConnectionChange.ReceiverConnected);
        Assert.Equal(DvkError.Ok, Device.TryBind(BindRequest.Remote(0, PeerEndpoint, 1, "peer"), out _));
        Alice = Bind(AliceEndpoint);
    }

    public EmulatedDvk Device { get; }

    public DriverThread Sender { get; }

    public DriverThread Receiver { get; }

    public DriverThread Alice { get; }

    public DriverThread Bind(int endpoint)
    {
        var thread = new DriverThread(Device, $"process{endpoint}");
        _others.Add(thread);
        Assert.Equal(DvkError.Ok, thread.Call(() => Device.TryBind(BindRequest.Self(0, endpoint, "test"), out _)));
        return thread;
    }

    public CommandHeader Fetch() => Sender.Call(() =>
    {
        Assert.Equal(DvkError.Ok, Device.GetToRemote(out var header, new byte[65_536], 30_000));
        return header;
    });

    public DvkError Put(CommandHeader header) => Receiver.Call(() => Device.PutToLocal(header, []));

    public CommandHeader Command(CommandCode command) => new()
    {
        Command = command,
        SourceEndpoint = PeerEndpoint,
        DestinationEndpoint = AliceEndpoint,
        SourceNode = 1,
    };

    public CopyDescriptor ToPeer(DvkBuffer buffer) => new()
    {
        SourceEndpoint = AliceEndpoint,
        SourceAddress = buffer.Address,
        DestinationEndpoint = PeerEndpoint,
        DestinationAddress = PeerAddress,
        RequesterEndpoint = AliceEndpoint,
        Length = buffer.Length,
    };

    public void AwaitStatus(int number, ProcessStatus status) => Eventually.True(
        () => (Device.GetProcessInfo(0, number).Status & status) == status, $"process {number} becomes {status}");

    public void Dispose()
    {
        foreach (var thread in _others)
        {
            thread.Dispose();
        }

        Sender.Dispose();
        Receiver.Dispose();
        Device.Dispose();
    }
}
