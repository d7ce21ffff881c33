namespace Dvs.Proxy.Tool.Campaign;

/// <summary>What the processes of a workload do with each other.</summary>
internal enum WorkloadKind
{
    /// <summary>Clients do sendrec, servers reply.</summary>
    PingPong,

    /// <summary>Clients send, servers receive.</summary>
    OneWay,

    /// <summary>Client and server notify each other in turn.</summary>
    Notify,

    /// <summary>Servers copy from and to the memory of clients that wait in sendrec.</summary>
    ServerCopies,

    /// <summary>Clients copy from and to the memory of servers that wait in sendrec.</summary>
    ClientCopies,

    /// <summary>A server copies between two other processes, at least one of them on the other node.</summary>
    ThirdPartyCopies,
}

/// <summary>Which half of the processes a node runs.</summary>
internal enum WorkloadSide
{
    /// <summary>The servers: system processes with low endpoints.</summary>
    Server,

    /// <summary>The clients.</summary>
    Client,
}

/// <summary>A workload, the same for both sides.</summary>
/// <param name="Kind">What the processes do.</param>
/// <param name="Pairs">How many pairs of client and server do it at once, 1..<see cref="MaxPairs"/>.</param>
/// <param name="Loops">How often each pair does it.</param>
/// <param name="StepTimeoutMilliseconds">How long a process waits for its partner before it counts an error.</param>
internal sealed record WorkloadPlan(WorkloadKind Kind, int Pairs, int Loops, int StepTimeoutMilliseconds = 15_000)
{
    /// <summary>System processes end at endpoint 28, see <see cref="Endpoints"/>.</summary>
    public const int MaxPairs = 8;

    /// <summary>Messages that both sides together must have seen arrive. Messages that only arrange a copy do not count.</summary>
    public long ExpectedMessages => Kind switch
    {
        WorkloadKind.PingPong or WorkloadKind.Notify => 2L * Pairs * Loops,
        WorkloadKind.OneWay => (long)Pairs * Loops,
        _ => 0,
    };

    /// <summary>Blocks that both sides together must have seen arrive.</summary>
    public long ExpectedBlocks => Kind switch
    {
        WorkloadKind.ServerCopies or WorkloadKind.ClientCopies => (long)Pairs * Loops * BlockScript.PairBlocks.Count,
        WorkloadKind.ThirdPartyCopies => (long)Loops * BlockScript.ThirdPartyBlocks.Count,
        _ => 0,
    };

    /// <summary>Processes of the client's side that only autobind makes known to the server's node.</summary>
    public int UserClients => Endpoints.HasUserClients(Kind) ? Pairs : 0;
}
