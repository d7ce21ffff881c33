using System.Net;
using System.Net.Sockets;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles.Logging;
using Dvs.Proxy.Transport;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Tests.TestDoubles;

/// <summary>A node whose driver the test plays: its proxy runs for real, over real sockets.</summary>
internal sealed class ScriptedNode : IAsyncDisposable
{
    private bool _stopped;

    public ScriptedNode(int nodeId, string? address = null, TransportRegistry? transports = null, ILoggerFactory? log = null, TimeProvider? time = null)
    {
        Device = new ScriptedProxyDevice(nodeId);
        Address = address ?? LoopbackPort.NewAddress();
        Options = new ProxyOptions { NodeId = nodeId };
        Proxy = new MultiNodeProxy(Device, Microsoft.Extensions.Options.Options.Create(Options), transports, log ?? Log, time);
    }

    public ScriptedProxyDevice Device { get; }

    public ProxyOptions Options { get; }

    public MultiNodeProxy Proxy { get; }

    public CapturingLoggerFactory Log { get; } = new();

    public string Address { get; }

    public int NodeId => Device.LocalNodeId;

    /// <summary>Adds a classic peer with quick reconnects, listening on a port of this node's address.</summary>
    public PeerOptions AddPeer(int nodeId, string host, int sendPort, int? receivePort = null, Action<PeerOptions>? configure = null)
    {
        var peer = new PeerOptions
        {
            Name = $"node{nodeId}",
            Host = host,
            ProxyId = nodeId,
            ConnectPort = sendPort,
            ListenPort = receivePort ?? LoopbackPort.Reserve(Address),
            ListenHost = Address,
            UseSession = false,
            BackoffMinimum = TimeSpan.FromMilliseconds(10),
            BackoffMaximum = TimeSpan.FromMilliseconds(100),
        };
        configure?.Invoke(peer);
        Options.Peers.Add(peer);
        return peer;
    }

    public Task StartAsync() => Proxy.StartAsync(CancellationToken.None);

    public PairStatus Pair(int nodeId) => Proxy.GetStatus().Pairs.Single(pair => pair.NodeId == nodeId);

    public async Task StopAsync()
    {
        _stopped = true;
        await Proxy.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await Proxy.StopAsync(CancellationToken.None);
        }

        Proxy.Dispose();
        Device.Dispose();
    }

    /// <summary>Two nodes joined to each other, started and connected.</summary>
    public static async Task<(ScriptedNode A, ScriptedNode B)> StartPairAsync(
        Action<PeerOptions>? configure = null, DataModel abi = DataModel.Lp64, DvkFixes fixesOfB = DvkFixes.All)
    {
        var a = new ScriptedNode(0);
        var b = new ScriptedNode(1);
        a.Options.DataModel = abi;
        b.Options.DataModel = abi;
        b.Device.Fixes = fixesOfB;
        var portOfA = LoopbackPort.Reserve(a.Address);
        var portOfB = LoopbackPort.Reserve(b.Address);
        a.AddPeer(1, b.Address, portOfB, portOfA, configure);
        b.AddPeer(0, a.Address, portOfA, portOfB, configure);
        await a.StartAsync();
        await b.StartAsync();
        Eventually.True(() => a.Pair(1).IsConnected && b.Pair(0).IsConnected, "both nodes are connected", () => $"{a.Log.All}\n{b.Log.All}");
        return (a, b);
    }

    /// <summary>A bare socket to the place where the node listens for a peer.</summary>
    public Socket ConnectAs(int nodeId, int? receiveBufferSize = null)
    {
        var peer = Options.Peers.Single(proxy => proxy.ProxyId == nodeId);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBufferSize is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        socket.Connect(new IPEndPoint(IPAddress.Parse(Address), peer.ListenPort!.Value));
        return socket;
    }

    /// <summary>A message from a process of one node to one of another.</summary>
    public static CommandHeader Message(int sourceNode, int destinationNode, int number)
    {
        var header = new CommandHeader
        {
            Command = CommandCode.SendMessage,
            SourceEndpoint = 40,
            DestinationEndpoint = 41,
            SourceNode = sourceNode,
            DestinationNode = destinationNode,
            ProcessId = 77,
            Timestamp = new Timestamp(1_700_000_000, 1),
        };
        header.Message.Source = 40;
        header.Message.Type = number;
        return header;
    }

    /// <summary>A data block.</summary>
    public static CommandHeader Block(int sourceNode, int destinationNode, int length)
    {
        var header = Message(sourceNode, destinationNode, 0);
        header.Command = CommandCode.CopyInData;
        header.PayloadLength = length;
        header.Copy.Length = length;
        return header;
    }
}
