using CustomTransport;
using Dvs.Proxy.Emulation.Clusters;
using Dvs.Proxy.Protocol;

// Two nodes whose proxies talk over named pipes, and whose drivers are watched.
var trace = TextWriter.Synchronized(Console.Out);
await using var cluster = await EmulatedCluster.StartAsync(nodes: 2, new EmulatedClusterOptions
{
    Transport = new PipeTransport(),
    DecorateDevice = device => new TracingDevice(device, trace),
});

cluster.StartProcess(node: 1, endpoint: 5, "server", self =>
{
    var request = self.ReceiveRequest();
    self.Reply(request.Source, new Message { Type = request.Type + 1 });
});
cluster.StartProcess(node: 0, endpoint: 10, "client", self =>
{
    var message = new Message { Type = 41 };
    self.SendReceive(5, ref message);
    trace.WriteLine($"the server's answer: {message.Type}");
});
await cluster.WaitForProcessesAsync();
