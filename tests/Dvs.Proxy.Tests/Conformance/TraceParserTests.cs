using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Tests.Conformance;

public class TraceParserTests
{
    [Fact]
    public void Steps_have_their_call_and_their_result()
    {
        var section = Assert.Single(Parse("""
            # what it was
            == H
            H.01 dc_init(0) -> 0 Ok
            H.02 [rcv] put2lcl user 60 -> user 40 -> -110 TrapDenied
            == end
            rc=0
            """));

        Assert.Equal("H", section.Name);
        Assert.Equal([new TraceStep(1, "dc_init(0)", "0 Ok"), new TraceStep(2, "[rcv] put2lcl user 60 -> user 40", "-110 TrapDenied")], section.Steps);
        Assert.Empty(section.Terminations);
    }

    [Fact]
    public void A_view_keeps_its_blanks_and_its_last_line_feed()
    {
        var section = Assert.Single(Parse("== V\nV.01 view nodes -> \nID Name\n 0 node0   \n\nV.02 view info -> \nname=dvs\n\n== end\n\n"));

        Assert.Equal(["\nID Name\n 0 node0   \n", "\nname=dvs\n"], section.Steps.Select(step => step.Result));
    }

    [Fact]
    public void A_signal_stands_behind_the_steps_before_it()
    {
        var section = Assert.Single(Parse("== K\nK.01 a -> BLOCKED\n   (SIGTERM arrived)\nK.02 b -> BLOCKED\n   (SIGTERM arrived)\n\n"));

        Assert.Equal([1, 2], section.Terminations);
        Assert.Equal(2, section.Steps.Count);
    }

    [Fact]
    public void The_driver_of_a_section_is_told_by_the_line_before_it()
    {
        var library = new TraceLibrary(Parse("""
            ### I as published
            == I
            I.01 a -> BLOCKED

            ### I with dvk-fixed2.ko
            == I
            I.01 a -> 0 Ok
            == end
            == J
            J.01 a -> 0 Ok
            """));

        Assert.Equal("BLOCKED", library.Get("I", published: true).Steps[0].Result);
        Assert.Equal("0 Ok", library.Get("I", published: false).Steps[0].Result);
        Assert.Same(library.Get("J", published: true), library.Get("J", published: false));
        Assert.Throws<KeyNotFoundException>(() => library.Get("X", published: true));
    }

    [Theory]
    [InlineData("== A\nA.01 a -> 0 Ok\nsomething else", 3)]
    [InlineData("== A\nA.01 a -> 0 Ok\nA.03 c -> 0 Ok", 3)]
    [InlineData("== A\nB.01 a -> 0 Ok", 2)]
    public void A_line_that_does_not_belong_there_is_named(string trace, int line)
    {
        var failure = Assert.Throws<FormatException>(() => Parse(trace));

        Assert.StartsWith($"line {line} is no line of a trace", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_recorded_can_be_read_again()
    {
        TraceStep[] steps = [new(1, "dc_init(0)", "0 Ok"), new(2, "view info", "\nname=dvs\n"), new(3, "[p3] receive(ANY,-1)", "BLOCKED")];
        var text = new StringWriter();
        var recorder = new TraceRecorder(text);
        recorder.Comment("which driver");
        recorder.BeginSection("A");
        recorder.Record("A", steps[0]);
        recorder.RecordTermination();
        recorder.Record("A", steps[1]);
        recorder.Record("A", steps[2]);
        recorder.EndSection();

        var section = Assert.Single(Parse(text.ToString()));
        Assert.Equal(steps, section.Steps);
        Assert.Equal([1], section.Terminations);
    }

    private static IReadOnlyList<TraceSection> Parse(string text) => TraceParser.Parse(new StringReader(text));
}
