using System.CommandLine;
using Dvs.Proxy.Conformance;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Conformance.Traffic;

var device = new Option<string>("--device") { Description = $"'{ConformanceArguments.Emulated}' or the path of the driver's device, such as /dev/dvk", DefaultValueFactory = static _ => ConformanceArguments.Emulated };
var sections = new Option<string>("--sections") { Description = "letters with commas between them; by default all that leave the driver in order", DefaultValueFactory = static _ => "" };
var record = new Option<string?>("--record") { Description = "writes a raw trace to this file" };
var strict = new Option<bool>("--strict") { Description = "emulation: blocks where the driver as published does, and is compared with that" };
var mended = new Option<bool>("--mended") { Description = "kernel device: the driver is known to let ending threads go and to bear copies for a third process" };
var includeHanging = new Option<bool>("--include-hanging") { Description = "kernel device: also plays sections that leave threads in the driver until a reboot" };
var listSections = new Option<bool>("--list-sections") { Description = "prints the sections and what they do to a kernel driver" };
var listExceptions = new Option<bool>("--list-exceptions") { Description = "prints the steps that may differ, as markdown" };
var root = new RootCommand(
    "Makes the calls of the recorded traces on a driver and compares its answers with those of the real one. Exit code 0: equal, beside the named exceptions; " +
    "1: something differs; 2: it could not be played.")
{
    device, sections, record, strict, mended, includeHanging, listSections, listExceptions,
};
root.SetAction(arguments =>
{
    if (arguments.GetValue(listSections) || arguments.GetValue(listExceptions))
    {
        Console.Out.Write(arguments.GetValue(listSections) ? SectionList.ToText() : ConformanceExceptions.ToMarkdown());
        return 0;
    }

    return new ConformanceProgram(Console.Out, Console.Error).Run(new ConformanceArguments
    {
        Device = arguments.GetValue(device)!,
        Sections = arguments.GetValue(sections)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        Record = arguments.GetValue(record),
        IsStrict = arguments.GetValue(strict),
        IsMended = arguments.GetValue(mended),
        IncludesHanging = arguments.GetValue(includeHanging),
    });
});
root.Subcommands.Add(TrafficCommand.Make());
return root.Parse(args).Invoke();
