using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;
using Dvs.Proxy.Tool.Commands;
using Dvs.Proxy.Tool.Control;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>
/// The process of one node: takes requests from standard input and answers them on standard output, one after the other. It lives no longer
/// than its parent: the end of the input ends the process at once, whatever it is doing.
/// </summary>
internal static class NodeAgent
{
    public static async Task<int> RunAsync(string device, bool verbose)
    {
        // Ctrl-C in a terminal reaches the children, too; the parent decides when they end.
        using var ignoreInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
        if (!DeviceFactory.IsEmulated(device))
        {
            DriverSignals.OutliveThreads();
        }

        using var session = new NodeSession(device, verbose);
        var requests = Channel.CreateUnbounded<NodeRequest>();
        var reader = new Thread(() => ReadRequests(requests.Writer)) { IsBackground = true, Name = "requests" };
        reader.Start();
        await foreach (var request in requests.Reader.ReadAllAsync())
        {
            var answer = await AnswerAsync(session, request);
            await Console.Out.WriteLineAsync(NodeJson.Write(answer));
        }

        return ExitCode.Success;
    }

    private static void ReadRequests(ChannelWriter<NodeRequest> requests)
    {
        try
        {
            while (Console.In.ReadLine() is { } line)
            {
                requests.TryWrite(NodeJson.ReadRequest(line));
            }
        }
        catch (JsonException exception)
        {
            Console.Error.WriteLine($"This is no request to a node of the demo: {exception.Message}");
            Environment.Exit(ExitCode.CannotRun);
        }

        Environment.Exit(ExitCode.Success);
    }

    private static async Task<NodeAnswer> AnswerAsync(NodeSession session, NodeRequest request)
    {
        try
        {
            return await session.HandleAsync(request);
        }
        catch (Exception exception) when (UserErrors.IsUserError(exception))
        {
            return new Failed(exception.Message, IsPortTaken(exception));
        }
    }

    private static bool IsPortTaken(Exception? exception) =>
        exception is not null && (exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || IsPortTaken(exception.InnerException));
}
