using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Running;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Conformance.Traces;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Conformance;

/// <summary>
/// Runs the script. Called on the main thread of the process, which is one of the script's: the driver knows a process by it. Exit code 0: all is as on the
/// real driver, beside the named exceptions; 1: something is not; 2: it could not be run.
/// </summary>
internal sealed class ConformanceProgram(TextWriter output, TextWriter error)
{
    public int Run(ConformanceArguments arguments)
    {
        DriverSource source = arguments.Device == ConformanceArguments.Emulated
            ? new EmulatedDriverSource(arguments.Strict)
            : new KernelDriverSource(arguments.Device, arguments.Mended ? DvkFixes.All : DvkFixes.None);
        var (sections, problem) = Choose(arguments, source.Target);
        if (problem is not null)
        {
            error.WriteLine(problem);
            return 2;
        }

        var main = Actor.ForThisThread(Environment.ProcessId);
        var exitCode = 2;
        var script = new Thread(() =>
        {
            exitCode = Play(arguments, source, main, sections);
            main.Complete();
        })
        { Name = "script", IsBackground = true };
        script.Start();
        main.Pump(static () => { });
        return exitCode;
    }

    private static (IReadOnlyList<Section> Sections, string? Problem) Choose(ConformanceArguments arguments, ConformanceTarget target)
    {
        var unknown = arguments.Sections.FirstOrDefault(name => SectionList.All.All(section => section.Name != name));
        if (unknown is not null)
        {
            return ([], $"There is no section {unknown}. Sections are {string.Join(",", SectionList.All.Select(section => section.Name))}; separate them with commas.");
        }

        var wanted = SectionList.All.Where(section => arguments.Sections.Count == 0 || arguments.Sections.Contains(section.Name)).ToArray();
        if ((target & ConformanceTarget.Kernel) == 0 || arguments.IncludeHanging)
        {
            return (wanted, null);
        }

        var allowed = wanted.Where(section => section.Hazard == SectionHazard.None || (arguments.Mended && section.Hazard == SectionHazard.HangsAsPublished)).ToArray();
        var left = wanted.Except(allowed).Select(section => section.Name).ToArray();
        return arguments.Sections.Count > 0 && left.Length > 0
            ? ([], $"Section {string.Join(",", left)} leaves threads in the driver that only a reboot gets out. Say --include-hanging, and run one of them per boot.")
            : (allowed, null);
    }

    private int Play(ConformanceArguments arguments, DriverSource source, Actor main, IReadOnlyList<Section> sections)
    {
        using var file = arguments.Record is null ? null : new StreamWriter(arguments.Record);
        var player = new SectionPlayer(source, main, TraceLibrary.Load(), new Patience(), file is null ? null : new TraceRecorder(file));
        var reports = new List<SectionReport>();
        foreach (var section in sections)
        {
            try
            {
                var report = player.Play(section);
                reports.Add(report);
                ReportWriter.WriteSection(output, report);
                if (report.IsStuck)
                {
                    break;
                }
            }
            catch (DvkException refusal)
            {
                error.WriteLine(refusal.Message);
                return 2;
            }
        }

        ReportWriter.WriteSummary(output, reports);
        return reports.Any(report => report.Differences > 0) ? 1 : 0;
    }
}
