using System.CommandLine;
using Dvs.Proxy.Device.Processes;
using FileTransfer.Transfers;

namespace FileTransfer;

/// <summary>The command line: <c>serve</c>, <c>get</c>, <c>put</c>, and without a verb the demonstration.</summary>
internal static class Verbs
{
    private static readonly Option<string> Device = new("--device")
    {
        Description = "the driver: emulated, with a proxy in this process, or the path of the kernel driver's device, which the operator's proxy serves",
        HelpName = "emulated|/dev/dvk",
        DefaultValueFactory = static _ => NodeSettings.Emulated,
    };

    private static readonly Option<int?> NodeId = new("--node") { Description = "id of this node, for the emulated driver (default: 1 serves, 0 is a client)" };
    private static readonly Option<int?> PeerId = new("--peer") { Description = "id of the other node (default: 0 for the server, 1 for its clients)" };
    private static readonly Option<string> Host = new("--host") { Description = "host of the other node", DefaultValueFactory = static _ => "127.0.0.1" };
    private static readonly Option<int?> ListenPort = new("--listen-port")
    {
        Description = "port that the other proxy connects to (default: 3000 + the id of its node)",
    };

    private static readonly Option<int?> ConnectPort = new("--connect-port")
    {
        Description = "port of the other proxy (default: 3000 + the id of this node)",
    };

    private static readonly Option<int> DcId = new("--dc") { Description = "the DC", DefaultValueFactory = static _ => 0 };
    private static readonly Option<int> Endpoint = new("--endpoint")
    {
        Description = "endpoint of the server: a system process's, because it copies, below 29 with a DC's default limits",
        DefaultValueFactory = static _ => 5,
    };

    private static readonly Option<int> ClientEndpoint = new("--as")
    {
        Description = "endpoint of this client: a user process's above 29, which the other node's proxy makes known there by itself (autobind)",
        DefaultValueFactory = static _ => 40,
    };

    private static readonly Option<int> Patience = new("--patience")
    {
        Description = "seconds without an answer after which the transfer is given up",
        DefaultValueFactory = static _ => 30,
    };

    private static readonly Option<string> Folder = new("--folder") { Description = "what is served", DefaultValueFactory = static _ => "." };
    private static readonly Option<int> RestartEvery = new("--restart-every")
    {
        Description = "MiB after which the server's proxy is restarted, in the middle of a transfer: for the demonstration; 0 for never",
    };

    private static readonly Argument<string> Remote = new("REMOTE") { Description = "name in the served folder" };
    private static readonly Argument<string> Local = new("LOCAL") { Description = "file of this node" };

    /// <summary>The whole command line.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand(
            "A file server and its client across two nodes of a DVS. Without a verb: a demonstration, which starts both as processes on this machine.");
        root.SetAction(static (_, cancellation) => Demonstration.RunAsync(cancellation));
        root.Add(CreateVerb("serve", "Serves a folder until SIGINT or SIGTERM.", [Folder, RestartEvery], [], ServeAsync));
        root.Add(CreateVerb("get", "Gets a file; goes on where an earlier run ended.", [ClientEndpoint, Patience], [Remote, Local], (parsed, cancellation) =>
            TransferAsync(parsed, client => client.Get(parsed.GetRequiredValue(Remote), parsed.GetRequiredValue(Local)), cancellation)));
        root.Add(CreateVerb("put", "Puts a file; goes on where an earlier run ended.", [ClientEndpoint, Patience], [Local, Remote], (parsed, cancellation) =>
            TransferAsync(parsed, client => client.Put(parsed.GetRequiredValue(Local), parsed.GetRequiredValue(Remote)), cancellation)));
        return root;
    }

    private static Command CreateVerb(
        string name, string description, Option[] own, Argument[] arguments, Func<ParseResult, CancellationToken, Task> run)
    {
        var verb = new Command(name, description);
        Array.ForEach(arguments, verb.Add);
        Array.ForEach([.. own, Device, NodeId, PeerId, Host, ListenPort, ConnectPort, DcId, Endpoint], verb.Add);
        verb.SetAction(run);
        return verb;
    }

    private static async Task ServeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var folder = Path.GetFullPath(parsed.GetRequiredValue(Folder));
        await using var node = new Node(ReadSettings(parsed, node: 1, peer: 0));
        var restarts = new ProxyRestarts(node, parsed.GetValue(RestartEvery) * 1024L * 1024, cancellation);
        var server = new FileServer(folder, Console.Out) { BlockMoved = restarts.Count };

        // The process first, so that a client that is quick finds it.
        await using var process = DvkProcess.Start(
            node.Device, parsed.GetValue(DcId), parsed.GetValue(Endpoint), "fileserver", self => server.Run(self, cancellation));
        await node.StartProxyAsync(cancellation);
        Console.WriteLine($"node {node.Device.LocalNodeId} serves {folder} as process {process.Endpoint} of DC {process.DcId}");
        await process.Completion;
    }

    private static async Task TransferAsync(ParseResult parsed, Action<FileClient> transfer, CancellationToken cancellation)
    {
        await using var node = new Node(ReadSettings(parsed, node: 0, peer: 1));
        await node.StartProxyAsync(cancellation);
        var progress = new Progress(Console.Out, !Console.IsOutputRedirected);

        var client = new FileClient(
            node.Device,
            parsed.GetValue(DcId),
            parsed.GetValue(ClientEndpoint),
            parsed.GetValue(PeerId) ?? 1,
            parsed.GetValue(Endpoint),
            progress,
            cancellation)
        { Patience = TimeSpan.FromSeconds(parsed.GetValue(Patience)) };
        transfer(client);
    }

    private static NodeSettings ReadSettings(ParseResult parsed, int node, int peer) => new(
        parsed.GetRequiredValue(Device),
        parsed.GetValue(NodeId) ?? node,
        parsed.GetValue(PeerId) ?? peer,
        parsed.GetRequiredValue(Host),
        parsed.GetValue(ListenPort),
        parsed.GetValue(ConnectPort),
        parsed.GetValue(DcId));
}
