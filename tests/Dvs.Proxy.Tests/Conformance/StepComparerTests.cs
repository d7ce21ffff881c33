using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Tests.Conformance;

public class StepComparerTests
{
    private const string Process = " 0   3     3";

    [Theory]
    [InlineData("-318 DvsNotInitialised", "-318 NotInitialised")]
    [InlineData("-34 -34", "-34 Range")]
    [InlineData("0 Ok equal", "0 Okay equal")]
    [InlineData("\nDC pnr -endp -lpid/vpid-\n 0   3     3  <p3>/<p3>   0 p3   \n", "\nDC pnr -endp -lpid/vpid-\n 0   3     3 <p3>/<p3>  0 p3   \n")]
    [InlineData(
        "\nDC pnr\n" + Process + "    <pid>/<pid>     0    0   20 27342 DvkTrace       \n",
        "\nDC pnr\n" + Process + " <pid>/<pid>  0    0   20 27342 dotnet         \n")]
    public void What_differs_between_runs_and_versions_does_not_count(string expected, string actual) => Assert.True(AreEqual(expected, actual));

    [Theory]
    [InlineData("-318 DvsNotInitialised", "-338 DvsNotInitialised")]
    [InlineData("-318 DvsNotInitialised", "318 DvsNotInitialised")]
    [InlineData("0 Ok", "-34 Range")]
    [InlineData("0 Ok equal", "0 Ok DIFFERENT")]
    [InlineData("endpoint 5", "endpoint 6")]
    [InlineData("BLOCKED", "STILL BLOCKED")]
    [InlineData("0 Ok m_source=3  m_type=1", "0 Ok m_source=3 m_type=1")]
    [InlineData("lpid=<p3>", "lpid=<p4>")]
    [InlineData("\n 0   3     3  <p3>/<p3>   0 p3   \n", "\n 0   3     3  <p3>/<p3>   0 p3  \n")]
    [InlineData("\n 0   3     3  <p3>/<p3>   0 p3\n", "\n 0   3    3  <p3>/<p3>   0 p3\n")]
    [InlineData("\nname=dvs\n", "\nname=dvs")]
    public void Anything_else_counts(string expected, string actual) => Assert.False(AreEqual(expected, actual));

    [Fact]
    public void The_call_counts() => Assert.False(StepComparer.AreEqual(Section("A"), new TraceStep(1, "send(3)", "0 Ok"), new TraceStep(1, "send(4)", "0 Ok")));

    [Theory]
    [InlineData("0 Ok SendAck * rcode=100 *", "0 Ok SendAck dc=0 rcode=100 len=0", true)]
    [InlineData("0 Ok SendAck * rcode=100 *", "0 Ok SendAck dc=0 rcode=1000 len=0", false)]
    [InlineData("-*", "-324 ProcessStatus", true)]
    [InlineData("-*", "0 Ok", false)]
    [InlineData("*", "\nname=dvs\n", true)]
    [InlineData("payload[100] sum=*", "payload[100] sum=1", true)]
    [InlineData("payload[100] sum=*", "payloada sum=1", false)]
    public void In_a_line_written_by_hand_an_asterisk_stands_for_anything(string expected, string actual, bool areEqual) =>
        Assert.Equal(areEqual, AreEqual(expected, actual, Section("G") with { IsDescribed = true }));

    [Fact]
    public void In_a_recorded_line_an_asterisk_is_one() => Assert.False(AreEqual("*", "0 Ok"));

    [Fact]
    public void A_number_that_was_taken_for_the_id_of_the_recording_process_is_put_right()
    {
        var section = Section("V");
        Assert.True(AreEqual("\nmax_sys_procs=<pid>\ndc_pid=<pid>\n", "\nmax_sys_procs=64\ndc_pid=<pid>\n", section));
        Assert.True(AreEqual("\n 60 <pid> 27342  0\n", "\n 60 64 27342  0\n", section));
        Assert.False(AreEqual("\n 60 <pid> 27342  0\n", "\n 60 65 27342  0\n", section));
        Assert.False(AreEqual("\nmax_sys_procs=<pid>\n", "\nmax_sys_procs=<pid>\n", section));
        Assert.False(AreEqual("\nmax_sys_procs=<pid>\n", "\nmax_sys_procs=64\n", Section("B")));
    }

    private static bool AreEqual(string expected, string actual, TraceSection? section = null) =>
        StepComparer.AreEqual(section ?? Section("A"), new TraceStep(1, "call", expected), new TraceStep(1, "call", actual));

    private static TraceSection Section(string name) => new() { Name = name, Steps = [], Terminations = [] };
}
