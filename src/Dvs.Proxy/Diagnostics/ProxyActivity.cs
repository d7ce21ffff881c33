using System.Diagnostics;

namespace Dvs.Proxy.Diagnostics;

/// <summary>Traces of the proxy: the activity source <c>Dvs.Proxy</c>, one span per connection, from its first use to its end.</summary>
internal static class ProxyActivity
{
    /// <summary>Name of the source.</summary>
    public const string SourceName = "Dvs.Proxy";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the span of a connection; null while nobody listens.</summary>
    /// <param name="nodeId">This node.</param>
    /// <param name="peer">Name of the peer.</param>
    /// <param name="direction"><c>send</c> or <c>receive</c>.</param>
    /// <param name="remote">The peer's address.</param>
    public static Activity? StartConnection(int nodeId, string peer, string direction, string remote)
    {
        // A root span: the thread that serves a connection belongs to no request.
        var activity = Source.CreateActivity("dvs.proxy.connection", direction == "send" ? ActivityKind.Client : ActivityKind.Server, default(ActivityContext));
        activity?.SetTag("dvs.node", nodeId).SetTag("dvs.peer", peer).SetTag("dvs.direction", direction).SetTag("network.peer.address", remote);
        return activity?.Start();
    }

    /// <summary>Ends the span with what happened in it.</summary>
    /// <param name="activity">The span, or null.</param>
    /// <param name="commands">Commands that went over the connection.</param>
    /// <param name="end">Why it ended.</param>
    /// <param name="wanted">True where we ended it ourselves.</param>
    public static void End(Activity? activity, long commands, ConnectionEnd end, bool wanted)
    {
        if (activity is null)
        {
            return;
        }

        activity.SetTag("dvs.commands", commands).SetTag("dvs.reason", end.Text).SetTag("dvs.cause", end.Cause.ToString());
        activity.SetStatus(wanted ? ActivityStatusCode.Ok : ActivityStatusCode.Error, wanted ? null : end.Text);
        activity.Dispose();
    }
}
