using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Device.Contract;

namespace Dvs.Proxy.Tests.Emulation;

/// <summary>The hot calls allocate nothing once they have run for a while. Every thread measures itself.</summary>
public sealed class EmulatedDvkAllocationTests
{
    private const int Client = 2;
    private const int Server = 3;
    private const int Warmup = 2_000;
    private const int Measured = 5_000;

    // A lock makes its wait event at its first contention, whenever that is: some bytes once, far under one per command.
    private const long Once = 1_000;

    [Fact]
    public void Messages_between_nodes_allocate_nothing()
    {
        using var rig = new Rig(Warmup + Measured);
        var server = rig.Server.Start(() => Measure(() =>
        {
            Check(rig.ServerNode.Receive(WellKnownEndpoint.Any, out var message, -1));
            Check(rig.ServerNode.Reply(message.Source, message, -1));
        }));
        var client = rig.Client.Start(() => Measure(() =>
        {
            var message = new Message { Type = 1 };
            Check(rig.ClientNode.SendReceive(Server, ref message, -1));
        }));
        Assert.InRange(DriverThread.Finish(client), 0, Once);
        Assert.InRange(DriverThread.Finish(server), 0, Once);
        rig.AssertPumpsAllocatedNothing();
    }

    [Fact]
    public void Copies_and_notifications_between_nodes_allocate_nothing()
    {
        using var rig = new Rig(Warmup + Measured);
        var buffer = rig.Server.Call(() => rig.ServerNode.AllocateBuffer(4_096));
        var own = rig.Client.Call(() => rig.ClientNode.AllocateBuffer(4_096));
        var server = rig.Server.Start(() => Measure(() =>
        {
            Check(rig.ServerNode.Receive(Client, out _, -1));
            Check(rig.ServerNode.Notify(WellKnownEndpoint.Self, Client, -1));
        }));
        var client = rig.Client.Start(() => Measure(() =>
        {
            Check(rig.ClientNode.Copy(new CopyDescriptor
            {
                SourceEndpoint = Client,
                SourceAddress = own.Address,
                DestinationEndpoint = Server,
                DestinationAddress = buffer.Address,
                Length = 4_096,
            }));
            Check(rig.ClientNode.Notify(WellKnownEndpoint.Self, Server, -1));
            Check(rig.ClientNode.Receive(Server, out _, -1));
        }));
        Assert.InRange(DriverThread.Finish(client), 0, Once);
        Assert.InRange(DriverThread.Finish(server), 0, Once);
        rig.AssertPumpsAllocatedNothing();
    }

    // Assert.Equal allocates.
    private static void Check(DvkError error)
    {
        if (error != DvkError.Ok)
        {
            throw new DvkException(error, "keep up");
        }
    }

    private static long Measure(Action action)
    {
        for (var i = 0; i < Warmup; i++)
        {
            action();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Measured; i++)
        {
            action();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Two nodes, a process on each, and pumps that measure themselves after a warm-up.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly DriverThread _forth;
        private readonly DriverThread _back;
        private readonly Task<long> _forthPump;
        private readonly Task<long> _backPump;
        private readonly int _commands;
        private volatile bool _stop;

        public Rig(int commands)
        {
            _commands = commands;
            ClientNode = EmulatedDvk.StartNode(0);
            ServerNode = EmulatedDvk.StartNode(1);
            _forth = new DriverThread(ClientNode, "forth");
            _back = new DriverThread(ServerNode, "back");
            Connect(ClientNode, 1, _forth.Id, _back.Id);
            Connect(ServerNode, 0, _back.Id, _forth.Id);
            Client = new DriverThread(ClientNode, "client");
            Server = new DriverThread(ServerNode, "server");
            Client.Call(() => ClientNode.TryBind(BindRequest.Self(0, EmulatedDvkAllocationTests.Client, "client"), out _));
            Server.Call(() => ServerNode.TryBind(BindRequest.Self(0, EmulatedDvkAllocationTests.Server, "server"), out _));
            ClientNode.TryBind(BindRequest.Remote(0, EmulatedDvkAllocationTests.Server, 1, "server"), out _);
            ServerNode.TryBind(BindRequest.Remote(0, EmulatedDvkAllocationTests.Client, 0, "client"), out _);
            _forthPump = _forth.Start(() => Pump(ClientNode, ServerNode));
            _backPump = _back.Start(() => Pump(ServerNode, ClientNode));
        }

        public EmulatedDvk ClientNode { get; }

        public EmulatedDvk ServerNode { get; }

        public DriverThread Client { get; }

        public DriverThread Server { get; }

        public void AssertPumpsAllocatedNothing()
        {
            _stop = true;
            ClientNode.Interrupt(_forth.Id);
            ServerNode.Interrupt(_back.Id);
            Assert.InRange(DriverThread.Finish(_forthPump), 0, Once);
            Assert.InRange(DriverThread.Finish(_backPump), 0, Once);
        }

        public void Dispose()
        {
            _stop = true;
            ClientNode.Dispose();
            ServerNode.Dispose();
            foreach (var thread in new[] { Client, Server, _forth, _back })
            {
                thread.Dispose();
            }
        }

        private static void Connect(EmulatedDvk node, int peer, int sender, int receiver)
        {
            node.StartDc(new DcInfo { DcId = 0 });
            node.BindProxies("peer", peer, sender, receiver, 65_536);
            node.NodeUp("peer", peer, peer);
            node.SetProxyConnection(peer, ProxyConnectionChange.SenderConnected);
            node.SetProxyConnection(peer, ProxyConnectionChange.ReceiverConnected);
            node.AddNode(0, peer);
        }

        private long Pump(EmulatedDvk from, EmulatedDvk to)
        {
            var payload = new byte[65_536];
            var seen = 0;
            var before = 0L;
            while (!_stop)
            {
                switch (from.GetToRemote(out var header, payload, -1))
                {
                    case DvkError.Ok:
                        to.PutToLocal(header, payload.AsSpan(0, header.PayloadLength));
                        if (++seen == _commands / 2)
                        {
                            before = GC.GetAllocatedBytesForCurrentThread();
                        }

                        break;
                    case DvkError.DvsNotInitialised or DvkError.NotConnected or DvkError.NotBind:
                        return 0;
                }
            }

            return before == 0 ? -1 : GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
