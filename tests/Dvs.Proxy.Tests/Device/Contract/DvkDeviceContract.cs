using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Device.Contract;

/// <summary>
/// What every driver behind <see cref="IDvkDevice"/> does, whatever it is made of. The driver under test is node 0; the tests themselves are
/// the peer, node 1, through the proxy calls: what the driver emits they fetch, what the peer would answer they put. Where the driver's
/// description names an error, that very error is asked for; elsewhere any error will do.
/// </summary>
public abstract partial class DvkDeviceContract : IDisposable
{
    protected const int Dc = 0;
    protected const int LocalNode = 0;
    protected const int PeerNode = 1;

    // Processes of node 0: two system ones and a user.
    private const int Alice = 3;
    private const int Bob = 4;
    private const int LocalUser = 40;

    // Processes of node 1.
    private const int Peer = 5;
    private const int OtherPeer = 6;
    private const int RemoteUser = 41;

    private readonly List<DriverThread> _threads = [];
    private IDvkDevice? _device;
    private DriverThread? _sender;
    private DriverThread? _receiver;

    /// <summary>A fresh driver, initialised as that node with the classic limits.</summary>
    protected abstract IDvkDevice CreateNode(int nodeId);

    /// <summary>Takes the driver down after a test, whatever state the test left it in.</summary>
    protected virtual void DestroyNode(IDvkDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        device.Dispose();
    }

    private IDvkDevice Device => _device ??= CreateNode(LocalNode);

    private DriverThread Sender => _sender ??= Thread("sender");

    private DriverThread Receiver => _receiver ??= Thread("receiver");

    public void Dispose()
    {
        foreach (var thread in _threads)
        {
            thread.Dispose();
        }

        if (_device is not null)
        {
            DestroyNode(_device);
        }

        GC.SuppressFinalize(this);
    }

    private DriverThread Thread(string name)
    {
        var thread = new DriverThread(Device, name);
        _threads.Add(thread);
        return thread;
    }

    /// <summary>DC 0 runs.</summary>
    private void StartDc() => Device.StartDc(new DcInfo { DcId = Dc, Name = "DC0" });

    /// <summary>DC 0 runs and extends to the peer, whose pair is bound and connected.</summary>
    private void Connect()
    {
        StartDc();
        BindPair();
        Device.AddNode(Dc, PeerNode);
        SetConnected();
    }

    private void BindPair()
    {
        Device.BindProxies("node1", PeerNode, Sender.Id, Receiver.Id, 65_536);
        Device.NodeUp("node1", PeerNode, PeerNode);
    }

    private void SetConnected()
    {
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.SenderConnected));
        Assert.Equal(DvkError.Ok, Device.SetProxyConnection(PeerNode, ProxyConnectionChange.ReceiverConnected));
    }

    /// <summary>A thread bound to an endpoint of this node.</summary>
    private DriverThread Local(int endpoint)
    {
        var thread = Thread($"process{endpoint}");
        var (error, bound) = thread.Call(() => (Device.TryBind(BindRequest.Self(Dc, endpoint, $"process{endpoint}"), out var got), got));
        Assert.Equal((DvkError.Ok, endpoint), (error, bound));
        return thread;
    }

    /// <summary>Makes a process of the peer known here.</summary>
    private void Remote(int endpoint, int node = PeerNode)
    {
        Assert.Equal(DvkError.Ok, Device.TryBind(BindRequest.Remote(Dc, endpoint, node, "remote"), out var bound));
        Assert.Equal(endpoint, bound);
    }

    private (DvkError Error, CommandHeader Header, byte[] Payload) TryFetch(
        int timeoutMilliseconds = 30_000, DriverThread? by = null) => (by ?? Sender).Call(() =>
    {
        var payload = new byte[65_536];
        var error = Device.GetToRemote(out var header, payload, timeoutMilliseconds);
        return (error, header, error == DvkError.Ok ? payload[..header.PayloadLength] : []);
    });

    /// <summary>The next command for the peer, which must be of that kind.</summary>
    private (CommandHeader Header, byte[] Payload) Fetch(CommandCode command)
    {
        var (error, header, payload) = TryFetch();
        Assert.Equal(DvkError.Ok, error);
        Assert.Equal(command, header.Command);
        return (header, payload);
    }

    private void FetchNothing() => Assert.Equal(DvkError.TimedOut, TryFetch(0).Error);

    private DvkError Put(CommandHeader header, byte[]? payload = null) => Receiver.Call(() => Device.PutToLocal(header, payload ?? []));

    /// <summary>A command of the peer's driver.</summary>
    private static CommandHeader Command(CommandCode command, int source = Peer, int destination = Alice) => new()
    {
        Command = command,
        DcId = Dc,
        SourceEndpoint = source,
        DestinationEndpoint = destination,
        SourceNode = PeerNode,
        DestinationNode = LocalNode,
        ProcessId = 4711,
        Timestamp = new Timestamp(1_636_576_677, 196_467_743),
        Message = new Message { Source = source, Type = 77 },
    };

    /// <summary>The peer's answer to a command of this driver.</summary>
    private static CommandHeader Answer(CommandHeader request, CommandCode command, int result = 0) => new()
    {
        Command = command,
        DcId = request.DcId,
        SourceEndpoint = request.DestinationEndpoint,
        DestinationEndpoint = request.SourceEndpoint,
        SourceNode = request.DestinationNode,
        DestinationNode = request.SourceNode,
        ResultCode = result,
        Copy = request.Copy,
    };

    private static Message Text(int type)
    {
        var message = new Message { Type = type };
        for (var i = 0; i < 28; i++)
        {
            message.Body.Bytes[i] = (byte)(type + i);
        }

        return message;
    }

    private static Task<(DvkError Error, Message Message)> StartReceive(
        IDvkDevice device, DriverThread process, int from = WellKnownEndpoint.Any, int timeoutMilliseconds = -1) =>
        process.Start(() => (device.Receive(from, out var message, timeoutMilliseconds), message));

    private static Task<(DvkError Error, Message Message)> StartSendReceive(IDvkDevice device, DriverThread process, int to, Message message) =>
        process.Start(() => (device.SendReceive(to, ref message, -1), message));

    /// <summary>Waits until a process is blocked receiving.</summary>
    private void AwaitReceiving(int number) => AwaitStatus(number, ProcessStatus.Receiving);

    private void AwaitStatus(int number, ProcessStatus status) =>
        Eventually.True(() => (Device.GetProcessInfo(Dc, number).Status & status) == status, $"process {number} becomes {status}");

    private static void Refused(DvkError error, Action call) => Assert.Equal(error, Assert.Throws<DvkException>(call).Error);

    private static void Refused(Action call) => Assert.True(Assert.Throws<DvkException>(call).Error < DvkError.Ok);
}
