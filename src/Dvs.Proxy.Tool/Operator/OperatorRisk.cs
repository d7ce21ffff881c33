using System.Globalization;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>
/// What a verb may do to a machine with the kernel driver, for those after which only a reboot may help. Whether it would is not looked up first:
/// with a dead pair the look itself does not return.
/// </summary>
internal static class OperatorRisk
{
    /// <summary>What the operator has to know first; null for verbs without such a risk.</summary>
    public static string? Of(OperatorRequest request) => request.Verb switch
    {
        OperatorVerb.DvsEnd =>
            "dvs end while a proxy pair is bound never returns on the driver as published, and a signal to it makes that worse: only a reboot helps. "
            + "Stop the proxies of this node first, and look that 'proxy info' shows no pair.",
        OperatorVerb.DcEnd => string.Create(CultureInfo.InvariantCulture,
            $"dc end sends SIGTERM to every local process that is bound in DC {request.DcId} and does not return until all are gone; a "
                + $"process that unbinds or ends meanwhile may hang. ")
            + "End them first, and look that 'proc info' shows none of this node.",
        OperatorVerb.ProxyUnbind => string.Create(CultureInfo.InvariantCulture,
            $"proxy unbind never returns on the driver as published, and a signal to it makes that worse: only a reboot helps. On a "
                + $"mended one it sends SIGTERM to the proxy that serves pair {request.Number}, ")
            + "and waits until the receiver's thread is gone. To end a proxy, send it SIGTERM yourself.",
        _ => null,
    };
}
