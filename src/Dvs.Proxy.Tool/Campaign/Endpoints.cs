namespace Dvs.Proxy.Tool.Campaign;

/// <summary>
/// Who is where in DC 0. With the driver's usual limits endpoints below 29 are system processes. The others are user processes, which may make
/// requests (sendrec) and nothing else. Autobind takes on endpoints above 29 only.
/// </summary>
internal static class Endpoints
{
    public const int Dc = 0;

    public const int ServerMain = 0;
    public const int ClientMain = 20;

    private const int FirstServer = 1;
    private const int FirstSystemClient = 21;
    private const int FirstUserClient = 31;

    public static int Server(int pair) => FirstServer + pair;

    public static int UserClient(int pair) => FirstUserClient + pair;

    public static int SystemClient(int pair) => FirstSystemClient + pair;

    /// <summary>The client of a pair: a user process where requests are all it makes.</summary>
    public static int Client(WorkloadKind kind, int pair) => HasUserClients(kind) ? UserClient(pair) : SystemClient(pair);

    /// <summary>Whether the clients of a workload are user processes.</summary>
    public static bool HasUserClients(WorkloadKind kind) =>
        kind is WorkloadKind.PingPong or WorkloadKind.ServerCopies or WorkloadKind.ThirdPartyCopies;
}
