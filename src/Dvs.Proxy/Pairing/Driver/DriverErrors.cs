using Dvs.Proxy.Device;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>
/// What an error of the driver means for a pair: the one table that both directions and the watch over idle pairs go by. Pure.
/// </summary>
/// <remarks>
/// <para>In any call EDVSDVSINIT means that the DVS was ended, and EDVSSHUTDOWN that an operator unbound the pair: nothing is left to
/// serve.</para>
/// <para>EDVSPROXYFREE is what a free pair answers to every call that names it. EDVSNOPROXY and EDVSBADPROXY say the same of the calling
/// thread: it is no proxy, or not this pair's. EDVSBADCALL is the answer to a thread in the other's role. In get2rmt they can mean nothing
/// but us; put2lcl also answers them when the acknowledgement or block of one command has no way to a third node, so there the driver is
/// asked.</para>
/// <para>EDVSNOTBIND is an unbound thread's answer as well, but far more often the fate of a command whose source is unknown: like every
/// other error it counts as one command's until <see cref="SuspiciousCount"/> come in a row.</para>
/// </remarks>
internal static class DriverErrors
{
    /// <summary>So many errors in a row, and the driver is asked whether it still knows the pair.</summary>
    public const int SuspiciousCount = 16;

    /// <summary>An error of get2rmt, other than that there was nothing to fetch.</summary>
    public static PairVerdict OfFetch(DvkError error) => error switch
    {
        DvkError.NotConnected => PairVerdict.Disconnected,
        DvkError.BadCall => PairVerdict.Unbound,
        _ => OfPair(error),
    };

    /// <summary>An error of put2lcl.</summary>
    public static PairVerdict OfDelivery(DvkError error) => error switch
    {
        DvkError.BadCall or DvkError.NoProxy or DvkError.ProxyFree or DvkError.BadProxy => PairVerdict.Unclear,
        _ => OfPair(error),
    };

    /// <summary>True for an error of put2lcl after which the driver answers nothing to the command's caller, who would wait for ever. For all
    /// others it queues the acknowledgement itself, and a second one would end another wait.</summary>
    public static bool IsSilent(DvkError error) => error is DvkError.BadDcId or DvkError.DcNotRunning or DvkError.Range or DvkError.BadNodeId
        or DvkError.NodeNotInDc or DvkError.NoNode or DvkError.LocalProcess or DvkError.Enqueued or DvkError.NotBind or DvkError.Endpoint;

    /// <summary>An error of a call that names the pair: proxy_conn, getproxyinfo.</summary>
    public static PairVerdict OfPair(DvkError error) => error switch
    {
        DvkError.ProxyFree or DvkError.NoProxy or DvkError.BadProxy or DvkError.Shutdown or DvkError.DvsNotInitialised => PairVerdict.Unbound,
        _ => PairVerdict.CallFailed,
    };
}

/// <summary>What an error of the driver means for a pair.</summary>
internal enum PairVerdict
{
    /// <summary>The outcome of one call or command: the pair serves on.</summary>
    CallFailed,

    /// <summary>The driver holds the direction for disconnected.</summary>
    Disconnected,

    /// <summary>The outcome of one command, or the pair is not bound any more: the driver has to be asked.</summary>
    Unclear,

    /// <summary>The driver does not know the pair any more: its threads are to end.</summary>
    Unbound,
}
