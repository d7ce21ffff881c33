using System.Security.Cryptography;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Pairing;
using Dvs.Proxy.Protocol;
using Microsoft.Extensions.Options;

// Two nodes in one program. On real ones each has a program of its own, and KernelDvkDevice.Open() in place of the emulated driver.
using var driver0 = EmulatedDvk.StartNode(nodeId: 0);
using var driver1 = EmulatedDvk.StartNode(nodeId: 1);
driver0.StartDc(new DcInfo { DcId = 0, Name = "DC0" });
driver1.StartDc(new DcInfo { DcId = 0, Name = "DC0" });
await using var proxy0 = new MultiNodeProxy(driver0, OptionsFor(peer: 1));
await using var proxy1 = new MultiNodeProxy(driver1, OptionsFor(peer: 0));
await proxy0.StartAsync(CancellationToken.None);
await proxy1.StartAsync(CancellationToken.None);

// A server on node 1, a process with a thread of its own. It is announced: node 0's driver has to know it before anybody there can send to it.
var picture = RandomNumberGenerator.GetBytes(1 << 20);
await using var server = DvkProcess.Start(driver1, dcId: 0, endpoint: 5, "server", Serve);
await proxy1.AnnounceAsync(server);

// A client on node 0. It says where it wants the picture; the server copies it there, across the network, and replies.
await using var client = DvkProcess.Start(driver0, dcId: 0, endpoint: 30, "client", Ask);
await client.Completion;

void Serve(DvkProcess self)
{
    using var memory = self.AllocateBuffer(picture.Length);
    picture.CopyTo(memory.Span);
    var request = self.ReceiveRequest();
    var wish = request.Read<MessageM1>(self.DataModel);
    self.Copy(self.Endpoint, memory.Address, request.Source, wish.P1, memory.Length);
    self.Reply(request.Source, Message.Create(self.DataModel, type: 0, new MessageM1 { I1 = memory.Length }));
}

void Ask(DvkProcess self)
{
    using var memory = self.AllocateBuffer(picture.Length);
    var message = Message.Create(self.DataModel, type: 1, new MessageM1 { P1 = memory.Address });
    self.SendReceive(self.FindEndpoint("server")!.Value, ref message);
    var isRight = memory.Span.SequenceEqual(picture);
    Console.WriteLine($"{message.Read<MessageM1>(self.DataModel).I1:N0} bytes from node 1, {(isRight ? "all of them right" : "DAMAGED")}");
}

// Who the other node is. AutoBind makes its user processes (endpoints above 29: our client) known here with their first message.
IOptions<ProxyOptions> OptionsFor(int peer) => Options.Create(new ProxyOptions
{
    BasePort = args is [var port] ? int.Parse(port) : 3000,
    Peers = { new PeerOptions { Name = $"node{peer}", Host = "127.0.0.1", ProxyId = peer, Dcs = { 0 }, AutoBind = true } },
});
