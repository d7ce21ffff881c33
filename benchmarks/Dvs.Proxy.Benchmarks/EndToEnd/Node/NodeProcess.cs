using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>A node process, seen by the coordinator.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _name;

    public NodeProcess(string name, int? core)
    {
        _name = name;
        var (file, prefix) = SelfCommand();
        var start = core is { } pinned
            ? new ProcessStartInfo("taskset", ["-c", pinned.ToString(CultureInfo.InvariantCulture), file, .. prefix, NodeHost.Verb])
            : new ProcessStartInfo(file, [.. prefix, NodeHost.Verb]);
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
    }

    /// <summary>For tools that look from outside.</summary>
    public int Id => _process.Id;

    /// <summary>How to run this program once more.</summary>
    public static (string File, string[] Prefix) SelfCommand()
    {
        var file = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(file) == "dotnet" ? (file, [Environment.GetCommandLineArgs()[0]]) : (file, []);
    }

    public NodeReply Ask(NodeVerb verb) => Ask(new NodeRequest(verb));

    public NodeReply Ask(NodeRequest request)
    {
        Send(request);
        return Receive(request.Verb);
    }

    /// <summary>Tells both the same at the same time.</summary>
    public static (NodeReply First, NodeReply Second) AskBoth(NodeProcess first, NodeProcess second, NodeRequest request) =>
        AskBoth(first, request, second, request);

    /// <summary>Tells both at the same time.</summary>
    public static (NodeReply First, NodeReply Second) AskBoth(NodeProcess first, NodeRequest toFirst, NodeProcess second, NodeRequest toSecond)
    {
        first.Send(toFirst);
        second.Send(toSecond);
        return (first.Receive(toFirst.Verb), second.Receive(toSecond.Verb));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Send(NodeRequest request)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(request));
        _process.StandardInput.Flush();
    }

    private NodeReply Receive(NodeVerb verb)
    {
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"Node process {_name} ended at '{verb}'.");
        var reply = JsonSerializer.Deserialize<NodeReply>(line)!;
        return reply.Failure is null ? reply : throw new InvalidOperationException($"Node process {_name} failed at '{verb}': {reply.Failure}");
    }
}
