using Dvs.Proxy.Device;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>
/// What an error of the driver means for a pair: the one table that both directions and the watch over idle pairs go by. Pure. Behaviour:
/// DriverErrorsTests.
/// </summary>
/// <remarks>
/// What is not in the table is the outcome of one call or command (<see cref="PairVerdict.CallFailed"/>), whatever the direction: the pair
/// serves on. Where so many come in a row (<see cref="SuspiciousCount"/>) that they may have a common cause, the driver is asked.
/// </remarks>
internal static class DriverErrors
{
    /// <summary>So many errors in a row, and the driver is asked whether it still knows the pair.</summary>
    public const int SuspiciousCount = 16;

    private static readonly DriverErrorRow[] Table =
    [
        Everywhere(DvkError.DvsNotInitialised, PairVerdict.Unbound, "The DVS was ended: nothing is left to serve."),
        Everywhere(DvkError.Shutdown, PairVerdict.Unbound, "An operator unbound the pair."),
        Row(
            DvkError.ProxyFree, PairVerdict.Unbound, PairVerdict.Unclear, PairVerdict.Unbound,
            "A free pair answers so to every call that names it. put2lcl also says it of the pair to a third node, by which the"
            + " acknowledgement or block of one command would have to go: there the driver is asked."),
        Row(
            DvkError.NoProxy, PairVerdict.Unbound, PairVerdict.Unclear, PairVerdict.Unbound,
            "The calling thread is no proxy. put2lcl also says it where one command has no way to a third node."),
        Row(
            DvkError.BadProxy, PairVerdict.Unbound, PairVerdict.Unclear, PairVerdict.Unbound,
            "The calling thread is not this pair's. put2lcl also says it where one command has no way to a third node."),
        Row(
            DvkError.BadCall, PairVerdict.Unbound, PairVerdict.Unclear, PairVerdict.CallFailed,
            "The calling thread has the other's role, which in get2rmt can mean nothing but us; put2lcl also fails one command with it."
            + " Calls that name the pair know no roles."),
        Row(
            DvkError.NotConnected, PairVerdict.Disconnected, PairVerdict.CallFailed, PairVerdict.CallFailed,
            "get2rmt says so while it holds the sender for disconnected; the others only of one command's way to a third node, or of"
            + " one call."),

        // What an unbound thread hears as well, but far more often the fate of a command whose source is unknown: many in a row are
        // suspicious.
        Everywhere(
            DvkError.NotBind, PairVerdict.CallFailed,
            "The source of one command is not bound here; an unbound thread hears the same, and then hears nothing else.", isSilent: true),
        Silent(DvkError.Endpoint, "An end of one command has another endpoint here."),
        Silent(DvkError.NoNode, "The source of one command is bound here as another node's."),
        Silent(DvkError.LocalProcess, "The source of one command is a process of this node."),
        Silent(DvkError.BadDcId, "There is no DC of that number."),
        Silent(DvkError.DcNotRunning, "The DC of one command does not run here."),
        Silent(DvkError.NodeNotInDc, "The DC of one command does not extend to its source's node."),
        Silent(DvkError.BadNodeId, "One command names a node that cannot be."),
        Silent(DvkError.Range, "A number in one command is out of range."),
        Silent(DvkError.Enqueued, "The source of one command has an operation queued already."),
    ];

    /// <summary>The table.</summary>
    public static IReadOnlyList<DriverErrorRow> Rows => Table;

    /// <summary>What an error means for the pair. For get2rmt: other than that there was nothing to fetch, or that the wait was
    /// interrupted.</summary>
    public static PairVerdict Of(DriverCall call, DvkError error)
    {
        if (Find(error) is not { } row)
        {
            return PairVerdict.CallFailed;
        }

        return call switch
        {
            DriverCall.Fetch => row.OfFetch,
            DriverCall.Delivery => row.OfDelivery,
            _ => row.OfPair,
        };
    }

    /// <summary>True for an error of put2lcl after which the driver answers nothing to the command's caller, who would wait for ever. For
    /// all others it queues the acknowledgement itself, and a second one would end another wait.</summary>
    public static bool IsSilent(DvkError error) => Find(error) is { IsSilent: true };

    /// <summary>True for an error of put2lcl that may mean that the command's source is not bound here, or as another.</summary>
    public static bool IsSourceUnknown(DvkError error) => error is DvkError.NotBind or DvkError.Endpoint or DvkError.NoNode;

    private static DriverErrorRow? Find(DvkError error)
    {
        foreach (var row in Table)
        {
            if (row.Error == error)
            {
                return row;
            }
        }

        return null;
    }

    private static DriverErrorRow Row(DvkError error, PairVerdict ofFetch, PairVerdict ofDelivery, PairVerdict ofPair, string reason) =>
        new(error, ofFetch, ofDelivery, ofPair, IsSilent: false, reason);

    private static DriverErrorRow Everywhere(DvkError error, PairVerdict verdict, string reason, bool isSilent = false) =>
        new(error, verdict, verdict, verdict, isSilent, reason);

    private static DriverErrorRow Silent(DvkError error, string reason) =>
        Everywhere(error, PairVerdict.CallFailed, reason, isSilent: true);
}

/// <summary>One row of the table.</summary>
/// <param name="Error">The error.</param>
/// <param name="OfFetch">What it means as the sender's, from get2rmt.</param>
/// <param name="OfDelivery">What it means as the receiver's, from put2lcl.</param>
/// <param name="OfPair">What it means from a call that names the pair, in either direction: proxy_conn, getproxyinfo.</param>
/// <param name="IsSilent">True where put2lcl answers nothing to the command's caller.</param>
/// <param name="Reason">Why, and why the calls differ where they do.</param>
internal sealed record DriverErrorRow(
    DvkError Error, PairVerdict OfFetch, PairVerdict OfDelivery, PairVerdict OfPair, bool IsSilent, string Reason);

/// <summary>Which call of the driver failed.</summary>
internal enum DriverCall
{
    /// <summary>get2rmt, on the sender's thread.</summary>
    Fetch,

    /// <summary>put2lcl, on the receiver's thread.</summary>
    Delivery,

    /// <summary>proxy_conn or getproxyinfo, on any thread.</summary>
    NamesPair,
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
