namespace Dvs.Proxy.Tests.Pairing.Session.Simulation;

/// <summary>
/// Thousands of schedules of faults. A failing one names its seed; put it into <see cref="Seed"/> to replay it alone. The environment
/// variables DVS_SESSION_SEED and DVS_SESSION_SCHEDULES give another start and number.
/// </summary>
public class SessionSimulationTests(ITestOutputHelper output)
{
    private static readonly int Seed = FromEnvironment("DVS_SESSION_SEED", 1);
    private static readonly int Schedules = FromEnvironment("DVS_SESSION_SCHEDULES", 3000);

    [Fact]
    public void While_both_live_everything_arrives_once_and_in_order() => Run(restarts: false);

    [Fact]
    public void Across_restarts_every_command_is_accounted_for() => Run(restarts: true);

    private void Run(bool restarts)
    {
        long commands = 0, cuts = 0, retransmitted = 0, duplicates = 0, unknown = 0, refused = 0, resumes = 0, strangers = 0, foundOut = 0;
        for (var seed = Seed; seed < Seed + Schedules; seed++)
        {
            using var simulation = new SessionSimulation(seed, restarts);
            try
            {
                simulation.Run(1500);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed} ({simulation.Options}): {exception.Message}", exception);
            }

            var totals = simulation.Totals;
            commands += totals.Commands;
            cuts += totals.Cuts;
            retransmitted += totals.Retransmitted;
            duplicates += totals.Duplicates;
            unknown += totals.UnknownFate;
            refused += totals.Refused;
            resumes += totals.Resumes;
            strangers += totals.Strangers;
            foundOut += totals.FoundOut;
        }

        output.WriteLine(
            $"{Schedules} schedules: {commands} commands, {cuts} cuts, {resumes} resumes, {retransmitted} frames sent again, {duplicates} duplicates dropped, "
            + $"{unknown} of unknown fate, {refused} refused, {strangers} sessions of strangers, {foundOut} recorded connections found out");
        Assert.True(strangers > 0 && foundOut > 0, "there are no strangers");
        Assert.True(resumes > 0 && retransmitted > 0 && duplicates > 0 && refused > 0, "the schedules do not do what they are for");
        Assert.Equal(restarts, unknown > 0);
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out var value) ? value : otherwise;
}
