using Dvs.Proxy.Configuration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;

namespace Dvs.Proxy.EndToEnd.Sessions;

/// <summary>What both nodes of a test are configured with.</summary>
internal sealed record SessionSettings(
    bool Compress = false, bool Batch = false, FrameDigestKind FrameDigest = FrameDigestKind.Xxh128, bool AtLeastOnce = false, DataModel DataModel = DataModel.Lp64)
{
    public const int GeneratorNode = 0;
    public const int SinkNode = 1;

    /// <summary>The options of one node, whose only peer is the other.</summary>
    public ProxyOptions CreateOptions(int nodeId, NodePlace listen, NodePlace connect) => new()
    {
        NodeId = nodeId,
        DataModel = DataModel,
        Peers =
        {
            new PeerOptions
            {
                Name = $"node{1 - nodeId}",
                ProxyId = 1 - nodeId,
                Host = connect.Address,
                ConnectPort = connect.Port,
                ListenHost = listen.Address,
                ListenPort = listen.Port,
                Allow = { "127.0.0.0/8" },
                UseSession = true,
                Compress = Compress ? PayloadCompression.On : PayloadCompression.Off,
                Batch = Batch,
                MaxBatchCommands = Batch ? null : 0,
                FrameDigest = FrameDigest,
                AtLeastOnce = AtLeastOnce,
                BackoffMinimum = TimeSpan.FromMilliseconds(10),
                BackoffMaximum = TimeSpan.FromMilliseconds(100),
            },
        },
    };
}

/// <summary>Where a node listens, or a relay in front of it.</summary>
internal sealed record NodePlace(string Address, int Port);
