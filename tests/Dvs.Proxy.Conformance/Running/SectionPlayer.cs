using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Drivers;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Conformance.Traces;

namespace Dvs.Proxy.Conformance.Running;

/// <summary>Plays sections on drivers and compares them with the recording.</summary>
/// <param name="source">Where drivers come from.</param>
/// <param name="main">The main thread, which has to pump.</param>
/// <param name="library">The recording.</param>
/// <param name="recorder">Gets the steps as they are made.</param>
internal sealed class SectionPlayer(DriverSource source, Actor main, TraceLibrary library, TraceRecorder? recorder)
{
    // SIGTERM comes on a thread of its own.
    private static readonly TimeSpan TerminationLimit = TimeSpan.FromSeconds(2);

    private readonly SectionJudge _judge = new(source.Target, ConformanceExceptions.All);

    public SectionReport Play(Section section)
    {
        var isStrict = source.Target == ConformanceTarget.StrictEmulation;
        var trace = library.Get(section.Name, published: isStrict);
        var breakdown = "";
        SectionRun? run = null;
        var device = source.Open(section, () => run?.OnTermination());
        run = new SectionRun(device, main, trace, source.Patience, recorder) { StopsWithRecording = isStrict };
        recorder?.BeginSection(section.Name);
        try
        {
            section.Play(run);
        }
        catch (RecordingEndException)
        {
            // So far the real driver came too.
        }
#pragma warning disable CA1031 // Something that the script needed is missing, such as a buffer; the steps that were not made are differences.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            breakdown = $"the script broke off: {exception.GetType().Name}: {exception.Message}";
        }

        SpinWait.SpinUntil(() => run.Terminations >= trace.Terminations.Count(before => before < trace.Steps.Count), TerminationLimit);
        recorder?.EndSection();
        var report = _judge.Judge(trace, run.Steps, run.Terminations);
        return report with
        {
            Faults = breakdown.Length == 0 ? report.Faults : [.. report.Faults, breakdown],
            IsStuck = !source.Close(section, device, main, run.Actors),
        };
    }
}
