namespace Dvs.MultiProxyHost.Campaign;

/// <summary>
/// Who is where in DC 0. With the driver's usual limits endpoints below 29 are system processes: only they may ask for copies, and a message
/// needs one at either end. Autobind takes on endpoints above 29 only.
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

    /// <summary>The client of a pair: one that asks for copies itself must be a system process.</summary>
    public static int Client(WorkloadKind kind, int pair) => kind == WorkloadKind.ClientCopies ? SystemClient(pair) : UserClient(pair);
}
