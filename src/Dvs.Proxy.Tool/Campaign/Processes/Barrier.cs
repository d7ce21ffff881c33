namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>The barriers of the classic test programs: everybody does sendrec with a main process, which replies when all have come.</summary>
internal static class Barrier
{
    /// <summary>How long the others may take for their work.</summary>
    private const int StopTimeoutMilliseconds = 60_000;

    public static void Arrive(CampaignProcess self, int main, bool isStop)
    {
        var message = CampaignMessages.Numbers(CampaignMessages.Barrier, isStop ? 1 : 0, 0);
        self.SendReceive(main, ref message, isStop ? StopTimeoutMilliseconds : null);
        CampaignMessages.Expect(in message, CampaignMessages.Barrier);
    }

    /// <summary>Collects the processes that arrive. Some may stay out: the others are let go all the same.</summary>
    public static List<int> Collect(CampaignProcess main, int count, bool isStop)
    {
        List<int> arrived = [];
        main.Attempt($"wait for {count} processes at the {(isStop ? "stop" : "start")} barrier", () =>
        {
            while (arrived.Count < count)
            {
                var message = main.ReceiveRequest(isStop ? StopTimeoutMilliseconds : main.TimeoutMilliseconds);
                CampaignMessages.Expect(in message, CampaignMessages.Barrier);
                arrived.Add(message.Source);
            }
        });
        return arrived;
    }

    public static void LetGo(CampaignProcess main, List<int> arrived)
    {
        foreach (var endpoint in arrived)
        {
            main.Attempt($"let {endpoint} go", () => Answer(main, endpoint));
        }
    }

    private static void Answer(CampaignProcess main, int endpoint)
    {
        var message = CampaignMessages.Numbers(CampaignMessages.Barrier, 0, 0);
        main.Reply(endpoint, in message);
    }
}
