using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Running;
using Dvs.Proxy.Conformance.Traces;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>How steps are made and waited for, on an emulated driver.</summary>
public sealed class SectionRunTests : IDisposable
{
    private readonly EmulatedDvk _device = EmulatedDvk.StartNode(0);
    private readonly Actor _main;

    public SectionRunTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "whether a thread sleeps is read below /proc, which is a thing of Linux");
        _device.StartDc(new DcInfo { DcId = 0, Name = "DC0" });
        _main = Actor.Start("main", () => _device.CurrentThreadId, _device.OnThreadExit);
    }

    public void Dispose()
    {
        _device.Dispose();
        _main.Complete();
    }

    [Fact]
    public void A_call_that_takes_its_time_is_waited_for_where_an_answer_is_expected()
    {
        var (run, actor) = Bind("-61 TimedOut");
        run.Do(actor, "receive", driver => driver.Receive(WellKnownEndpoint.Any, 300));

        Assert.Equal("[p3] receive -> -61 TimedOut", run.Steps[^1].ToString());
        Assert.Null(actor.Pending);
    }

    [Fact]
    public void A_call_that_is_expected_to_block_is_left_asleep_and_looked_at_later()
    {
        var (run, actor) = Bind("BLOCKED", "STILL BLOCKED", "-61 TimedOut", "-");
        run.Do(actor, "receive", driver => driver.Receive(WellKnownEndpoint.Any, 1000));
        run.Await(actor);
        run.Await(actor);
        run.Await(actor);

        Assert.Equal(
            ["[p3] receive -> BLOCKED", "[p3] blocked call -> STILL BLOCKED", "[p3] blocked call returned -> -61 TimedOut", "[p3] (was not blocked) -> -"],
            run.Steps.Skip(1).Select(step => step.ToString()));
    }

    [Fact]
    public void A_call_that_returns_though_it_was_expected_to_block_is_told_with_its_result()
    {
        var (run, actor) = Bind("BLOCKED");
        run.Do(actor, "receive", driver => driver.Receive(WellKnownEndpoint.Any, 0));

        Assert.StartsWith("[p3] receive -> -", run.Steps[^1].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_does_not_return_though_it_was_expected_to_is_given_up_and_its_thread_goes_on()
    {
        var (run, actor) = Bind("0 Ok", "endpoint 3");
        run.Do(actor, "receive", driver => driver.Receive(WellKnownEndpoint.Any, -1));
        run.Do(actor, "getep", driver => driver.GetEndpoint(driver.Device.CurrentThreadId));

        Assert.Equal(["[p3] receive -> BLOCKED", "[p3] getep -> endpoint 3"], run.Steps.Skip(1).Select(step => step.ToString()));
    }

    [Fact]
    public void A_call_behind_one_that_blocks_is_blocked()
    {
        var (run, actor) = Bind("BLOCKED", "BLOCKED");
        run.Do(actor, "receive", driver => driver.Receive(WellKnownEndpoint.Any, -1));
        run.Do(actor, "getep", driver => driver.GetEndpoint(driver.Device.CurrentThreadId));

        Assert.Equal("[p3] getep -> BLOCKED", run.Steps[^1].ToString());
    }

    [Fact]
    public void What_a_call_throws_is_its_result()
    {
        var (run, _) = Bind("-302 BadDcId", "");
        run.Do(_main, "getdcinfo", driver => driver.Dc(77));
        run.Do(_main, "wrong", _ => throw new InvalidOperationException("no"));

        Assert.Equal(["[main] getdcinfo -> -302 BadDcId", "[main] wrong -> InvalidOperationException: no"], run.Steps.Skip(1).Select(step => step.ToString()));
    }

    [Fact]
    public void Ids_of_the_scripts_threads_are_named_and_others_are_not()
    {
        var (run, _) = Bind("");
        run.Do(_main, "getprocinfo", driver => driver.Process(0, 3));

        Assert.Contains("lpid=<p3> ", run.Steps[^1].Result, StringComparison.Ordinal);
        Assert.Contains("nr=3 ep=3 ", run.Steps[^1].Result, StringComparison.Ordinal);
    }

    [Fact]
    public void A_thread_ends_and_is_gone()
    {
        var (run, actor) = Bind("ended");
        run.End(actor, "it ends");

        Assert.Equal("it ends -> ended", run.Steps[^1].ToString());
        Assert.True(ThreadActivity.Read(actor.Id).IsGone);
    }

    [Fact]
    public void Where_the_recording_ends_a_run_can_stop()
    {
        var run = new SectionRun(_device, _main, Trace("0 Ok"), new Patience(), null) { StopsWithRecording = true };
        run.Note("one");

        Assert.Throws<RecordingEndException>(() => run.Note("two"));
        Assert.Single(run.Steps);
    }

    [Fact]
    public void Steps_and_signals_are_recorded_as_they_come()
    {
        var text = new StringWriter();
        var run = new SectionRun(_device, _main, Trace("-", "-"), new Patience(), new TraceRecorder(text));
        run.Note("one");
        run.OnTermination();
        run.Note("two");

        Assert.Equal("A.01 one -> -\n   (SIGTERM arrived)\nA.02 two -> -\n", text.ToString());
        Assert.Equal(1, run.Terminations);
    }

    // A thread that is process 3, and what the steps after its bind are expected to answer.
    private (SectionRun Run, Actor Actor) Bind(params ReadOnlySpan<string> results)
    {
        var run = new SectionRun(_device, _main, Trace(["endpoint 3", .. results]), new Patience { Returns = TimeSpan.FromSeconds(2) }, null);
        var actor = run.Start("p3");
        run.Do(actor, "bind", driver => driver.BindSelf(0, 3));
        Assert.Equal("[p3] bind -> endpoint 3", run.Steps[0].ToString());
        return (run, actor);
    }

    private static TraceSection Trace(params ReadOnlySpan<string> results)
    {
        var steps = new List<TraceStep>();
        foreach (var result in results)
        {
            steps.Add(new TraceStep(steps.Count + 1, "call", result));
        }

        return new TraceSection { Name = "A", Steps = steps, Terminations = [] };
    }
}
