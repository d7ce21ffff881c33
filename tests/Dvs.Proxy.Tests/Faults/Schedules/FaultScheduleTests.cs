using System.Globalization;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>
/// The property: what the drivers handed out is what they were given, whatever the network does. <c>DVS_SCHEDULES</c> and <c>DVS_SEED</c>
/// in the environment change how many schedules run and from which seed on; a failure names the seed to run it again with.
/// </summary>
public class FaultScheduleTests
{
    private const int Schedules = 1000;
    private const int FirstSeed = 20211117;

    [Fact]
    public void Under_any_schedule_of_faults_the_promise_is_kept()
    {
        var campaign = new ScheduleCampaign();
        campaign.Run(Environment("DVS_SEED", FirstSeed), Environment("DVS_SCHEDULES", Schedules));

        Assert.True(campaign.Failures.Count == 0, campaign.ToString());
        Assert.Equal(Environment("DVS_SCHEDULES", Schedules), campaign.Done);
        Assert.True(campaign.Faults.Total > campaign.Done, $"hardly anything went wrong: {campaign}");
        Assert.True(campaign.Delivered > campaign.HandedOut / 2, $"hardly anything arrived: {campaign}");
    }

    private static int Environment(string name, int otherwise) =>
        int.TryParse(System.Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
