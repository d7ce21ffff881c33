using System.Runtime.InteropServices;
using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Drivers;
using Dvs.Proxy.Conformance.Running;
using Dvs.Proxy.Conformance.Traces;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Conformance;

/// <summary>
/// Plays the script. <see cref="Run"/> is called on the main thread of the process, which is one of the script's: the driver knows a process by it. Exit code
/// 0: all is as on the real driver, beside the named exceptions; 1: something is not; 2: it could not be played.
/// </summary>
internal sealed class ConformanceProgram(TextWriter output, TextWriter error)
{
    public int Run(ConformanceArguments arguments)
    {
        if (!OperatingSystem.IsLinux())
        {
            error.WriteLine("This needs Linux: whether a thread sleeps in the driver is read below /proc.");
            return 2;
        }

        DriverSource source = arguments.IsEmulated
            ? new EmulatedDriverSource(arguments.IsStrict)
            : new KernelDriverSource(arguments.Device, arguments.IsMended ? DvkFixes.All : DvkFixes.None);
        var choice = SectionChoice.Make(arguments, source.Target);
        if (choice.Problem is not null)
        {
            error.WriteLine(choice.Problem);
            return 2;
        }

        Warn(source.Target, choice);
        var main = Actor.ForThisThread(Environment.ProcessId);
        var exitCode = 2;
        var script = new Thread(() =>
        {
            exitCode = PlayAll(arguments, source, main, choice);
            main.Complete();
            if (main.IsInCall)
            {
                // The driver holds the main thread.
                Environment.Exit(exitCode);
            }
        })
        { Name = "script", IsBackground = true };
        script.Start();
        main.Pump(static () => { });
        return exitCode;
    }

    private void Warn(ConformanceTarget target, SectionChoice choice)
    {
        if (target != ConformanceTarget.Module)
        {
            return;
        }

        error.WriteLine("This initialises and ends the DVS of this machine several times. Nothing else may use the driver meanwhile.");
        if (choice.LeftOut.Count > 0)
        {
            error.WriteLine($"Left out, because they leave threads in the driver that only a reboot gets out: {SectionChoice.Names(choice.LeftOut)} (see --mended and --include-hanging).");
        }
    }

    private int PlayAll(ConformanceArguments arguments, DriverSource source, Actor main, SectionChoice choice)
    {
        try
        {
            using var file = arguments.Record is null ? null : new StreamWriter(arguments.Record);
            var recorder = file is null ? null : new TraceRecorder(file);
            recorder?.Comment($"{arguments.Device}, {source.Target}, on {RuntimeInformation.OSDescription}");
            return PlayAll(new SectionPlayer(source, main, TraceLibrary.Load(), recorder), choice);
        }
        catch (DvkException refusal)
        {
            error.WriteLine(refusal.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"Could not write the trace: {exception.Message} Give --record a file that can be written.");
        }

        return 2;
    }

    private int PlayAll(SectionPlayer player, SectionChoice choice)
    {
        var reports = new List<SectionReport>();
        foreach (var section in choice.Sections)
        {
            var report = player.Play(section);
            reports.Add(report);
            ReportWriter.WriteSection(output, report);
            if (report.IsStuck)
            {
                var left = SectionChoice.Names(choice.Sections.Skip(reports.Count));
                error.WriteLine($"Section {section.Name} has left threads in the driver: reboot{(left.Length == 0 ? "." : $", then go on with --sections {left}.")}");
                break;
            }
        }

        ReportWriter.WriteSummary(output, reports);
        return reports.Any(report => report.Differences > 0) ? 1 : 0;
    }
}
