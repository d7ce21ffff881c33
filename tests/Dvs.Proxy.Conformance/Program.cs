using System.CommandLine;
using System.Runtime.Versioning;
using Dvs.Proxy.Conformance;
using Dvs.Proxy.Conformance.Comparison;

// Threads and their state are looked up below /proc.
[assembly: SupportedOSPlatform("linux")]

var device = new Option<string>("--device") { Description = $"'{ConformanceArguments.Emulated}', or the path of the driver's device", DefaultValueFactory = static _ => ConformanceArguments.Emulated };
var sections = new Option<string>("--sections") { Description = "letters, separated by commas; all that may be run by default", DefaultValueFactory = static _ => "" };
var record = new Option<string?>("--record") { Description = "writes a raw trace to this file" };
var strict = new Option<bool>("--strict") { Description = "emulation: block as the real driver does, and compare with the driver as published" };
var mended = new Option<bool>("--mended") { Description = "kernel device: the driver is known to let ending threads go and to bear copies for a third process" };
var includeHanging = new Option<bool>("--include-hanging") { Description = "kernel device: also run sections that leave threads in the driver until a reboot" };
var listExceptions = new Option<bool>("--list-exceptions") { Description = "prints the steps that may differ, as markdown" };
var root = new RootCommand("Makes the calls of the recorded traces on a driver and compares its answers with those of the real one.")
{
    device, sections, record, strict, mended, includeHanging, listExceptions,
};
root.SetAction(arguments =>
{
    if (arguments.GetValue(listExceptions))
    {
        Console.Out.Write(ConformanceExceptions.ToMarkdown());
        return 0;
    }

    return new ConformanceProgram(Console.Out, Console.Error).Run(new ConformanceArguments
    {
        Device = arguments.GetValue(device)!,
        Sections = arguments.GetValue(sections)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        Record = arguments.GetValue(record),
        Strict = arguments.GetValue(strict),
        Mended = arguments.GetValue(mended),
        IncludeHanging = arguments.GetValue(includeHanging),
    });
});
return root.Parse(args).Invoke();
