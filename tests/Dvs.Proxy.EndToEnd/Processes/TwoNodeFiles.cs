using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.EndToEnd.Processes;

/// <summary>Classic files for nodes 0 and 1, each the other's only peer, at ports that nothing else on this machine uses.</summary>
internal sealed class TwoNodeFiles
{
    private readonly TemporaryFolder _folder;
    private readonly int[] _ports;

    public TwoNodeFiles(TemporaryFolder folder)
    {
        _folder = folder;
        _ports = [LoopbackPort.Reserve(Host), LoopbackPort.Reserve(Host)];
        Write(0);
        Write(1);
    }

    /// <summary>An address that nothing else on this machine listens on: what is found free stays free.</summary>
    public string Host { get; } = LoopbackPort.NewAddress();

    /// <summary>The file of a node.</summary>
    public string this[int nodeId] => _folder[$"{nodeId}.cfg"];

    /// <summary>Where a node listens.</summary>
    public int PortOf(int nodeId) => _ports[nodeId];

    /// <summary>Writes both files again, for proxies that meet at Unix-domain sockets.</summary>
    /// <param name="placeOf">Where a node listens.</param>
    public void WriteForUnixSockets(Func<int, string> placeOf)
    {
        foreach (var nodeId in (int[])[0, 1])
        {
            _folder.Write(
                $"{nodeId}.cfg",
                $$"""
                node node{{nodeId}} { nodeid {{nodeId}}; };
                proxy node{{1 - nodeId}} {
                    proxyid {{1 - nodeId}}; proto unix; rpath "{{placeOf(nodeId)}}"; spath "{{placeOf(1 - nodeId)}}";
                    compress YES; batch YES; sequence YES; backoff 10 200;
                };
                """);
        }
    }

    /// <summary>Writes a node's file again, with more keys in the section of its peer or of itself.</summary>
    public void Write(int nodeId, string peer = "", string node = "") => _folder.Write(
        $"{nodeId}.cfg",
        $$"""
        node node{{nodeId}} { nodeid {{nodeId}}; {{node}} };
        proxy node{{1 - nodeId}} {
            host {{Host}}; proxyid {{1 - nodeId}}; proto tcp; rname {{Host}}; rport {{_ports[nodeId]}}; sport {{_ports[1 - nodeId]}};
            compress YES; batch YES; autobind YES; backoff 10 200; {{peer}}
        };
        """);
}
