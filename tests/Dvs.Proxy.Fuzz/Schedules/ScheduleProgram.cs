using System.Globalization;
using Dvs.Proxy.Tests.Faults.Schedules;

namespace Dvs.Proxy.Fuzz.Schedules;

/// <summary>Runs many fault schedules. Exit code 0: the promise was kept in all of them; 1: a schedule broke it.</summary>
internal static class ScheduleProgram
{
    private const int ProgressEvery = 1000;

    public static int Run(TextWriter output, int firstSeed, int schedules, int parallel)
    {
        var campaign = new ScheduleCampaign
        {
            Parallel = parallel,
            Progress = (done, time) =>
            {
                if (done % ProgressEvery == 0)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {done:n0} schedules in {time.TotalSeconds:0} s"));
                }
            },
        };
        campaign.Run(firstSeed, schedules);
        output.WriteLine($"seeds from {firstSeed} on: {campaign}");
        return campaign.Failures.Count == 0 ? 0 : 1;
    }
}
