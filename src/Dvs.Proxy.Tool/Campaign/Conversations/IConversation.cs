using Dvs.Proxy.Tool.Campaign.Processes;

namespace Dvs.Proxy.Tool.Campaign.Conversations;

/// <summary>What the two processes of a pair do with each other between the barriers.</summary>
internal interface IConversation
{
    /// <summary>The server's part, on the server's thread.</summary>
    void Serve(CampaignProcess self, int pair);

    /// <summary>The client's part, on the client's thread.</summary>
    void Drive(CampaignProcess self, int pair);
}

/// <summary>Finds the conversation of a workload.</summary>
internal static class Conversation
{
    public static IConversation For(WorkloadPlan plan) => plan.Kind switch
    {
        WorkloadKind.PingPong => new PingPongConversation(plan),
        WorkloadKind.OneWay => new OneWayConversation(plan),
        WorkloadKind.Notify => new NotifyConversation(plan),
        WorkloadKind.ServerCopies or WorkloadKind.ClientCopies => new CopyConversation(plan),
        WorkloadKind.ThirdPartyCopies => new ThirdPartyCopyConversation(plan),
        _ => throw new ArgumentOutOfRangeException(nameof(plan), plan.Kind, "unknown workload"),
    };
}
