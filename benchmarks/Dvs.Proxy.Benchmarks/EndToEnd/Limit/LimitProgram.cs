using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>The bare socket program: <c>limit.c</c>, compiled here and now where gcc is present, else the same in .NET.</summary>
internal sealed class LimitProgram
{
    private readonly string _file;
    private readonly string[] _prefix;

    private LimitProgram(string file, string[] prefix, string description)
    {
        _file = file;
        _prefix = prefix;
        Description = description;
    }

    /// <summary>Which of the two it is.</summary>
    public string Description { get; }

    /// <summary>Compiles, or falls back.</summary>
    public static LimitProgram Prepare(string directory, bool allowC)
    {
        if (allowC)
        {
            var executable = Path.Combine(directory, "limit");
            var source = Path.Combine(directory, "limit.c");
            using (var resource = typeof(LimitProgram).Assembly.GetManifestResourceStream("limit.c")!)
            using (var target = File.Create(source))
            {
                resource.CopyTo(target);
            }

            if (TryRun("gcc", ["-O2", "-pthread", "-o", executable, source]) && TryRun("gcc", ["-dumpfullversion"], out var version))
            {
                return new LimitProgram(executable, [], $"C, gcc {version.Trim()} -O2");
            }
        }

        var (file, prefix) = NodeProcess.SelfCommand();
        return new LimitProgram(file, [.. prefix, LimitFallback.Verb], ".NET (no gcc here)");
    }

    /// <summary>Runs both sides and returns what each saw.</summary>
    public (LimitResult Connecting, LimitResult Accepting) Run(LimitShape shape, TimeSpan warm, TimeSpan run, bool pin, LineProcess? line)
    {
        string[] arguments = [shape.Name, Text(shape.Size), Text(shape.Connections), Text((int)warm.TotalMilliseconds), Text((int)run.TotalMilliseconds)];
        using var accepting = Start([.. _prefix, "accept", .. arguments], pin ? 1 : null);
        var port = accepting.StandardOutput.ReadLine()?.Split(' ') is ["port", var number]
            ? number
            : throw new InvalidOperationException("The limit program did not say where it listens.");
        if (line is not null)
        {
            port = Text(line.PortTo(int.Parse(port, CultureInfo.InvariantCulture)));
        }

        using var connecting = Start([.. _prefix, "connect", .. arguments, port], pin ? 0 : null);
        var result = (Read(connecting), Read(accepting));
        connecting.WaitForExit();
        accepting.WaitForExit();
        line?.Close();
        return result;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private Process Start(string[] arguments, int? core)
    {
        var start = core is { } pinned
            ? new ProcessStartInfo("taskset", ["-c", Text(pinned), _file, .. arguments])
            : new ProcessStartInfo(_file, arguments);
        start.RedirectStandardOutput = true;
        return Process.Start(start)!;
    }

    private static LimitResult Read(Process process)
    {
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The limit program ended without a result.");
        return JsonSerializer.Deserialize<LimitResult>(line)!;
    }

    private static bool TryRun(string file, string[] arguments) => TryRun(file, arguments, out _);

    private static bool TryRun(string file, string[] arguments, out string output)
    {
        output = "";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
            output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
