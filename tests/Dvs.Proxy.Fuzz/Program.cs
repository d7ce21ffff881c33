using System.CommandLine;
using Dvs.Proxy.Fuzz;
using Dvs.Proxy.Fuzz.Schedules;
using Dvs.Proxy.Tests.Faults.Schedules;

// Fuzzing, 10 million inputs:
//   dotnet run -c Release --project tests/Dvs.Proxy.Fuzz -- --target all --seed 1 --inputs 10000000
// Fault schedules over two nodes, the long mode:
//   dotnet run -c Release --project tests/Dvs.Proxy.Fuzz -- schedules --seed 1 --schedules 100000
var target = new Option<string>("--target") { Description = $"{string.Join(", ", FuzzTargets.Names)} or all", DefaultValueFactory = static _ => "all" };
var seed = new Option<ulong>("--seed") { Description = "same seed, same inputs", DefaultValueFactory = static _ => 1 };
var inputs = new Option<long>("--inputs") { Description = "inputs in all, shared evenly among the targets", DefaultValueFactory = static _ => 1_000_000 };
var seconds = new Option<double?>("--seconds") { Description = "ends every target early" };
var workers = new Option<int>("--workers") { Description = "threads", DefaultValueFactory = static _ => Environment.ProcessorCount };
var memory = new Option<int>("--memory") { Description = "MiB that the managed heap may grow by", DefaultValueFactory = static _ => 256 };
var replay = new Option<string?>("--replay") { Description = "one input in hexadecimal" };
var index = new Option<long?>("--index") { Description = "makes the input of this number, prints it and runs it" };
var stdin = new Option<bool>("--stdin") { Description = "one input from the standard input, as afl-fuzz gives it" };
var afterCrash = new Option<string?>("--after-crash") { Description = "reads the journal of a run whose process died, and prints its last inputs" };
var root = new RootCommand("Damages good input by chance and checks that nothing breaks.")
{
    target, seed, inputs, seconds, workers, memory, replay, index, stdin, afterCrash,
};
root.SetAction(arguments => new FuzzProgram(Console.Out).Run(new FuzzArguments
{
    Target = arguments.GetValue(target)!,
    Seed = arguments.GetValue(seed),
    Inputs = arguments.GetValue(inputs),
    Seconds = arguments.GetValue(seconds),
    Workers = arguments.GetValue(workers),
    MemoryMebibytes = arguments.GetValue(memory),
    Replay = arguments.GetValue(replay),
    Index = arguments.GetValue(index),
    Stdin = arguments.GetValue(stdin),
    AfterCrash = arguments.GetValue(afterCrash),
}));
var firstSeed = new Option<int>("--seed") { Description = "seed of the first schedule; the next ones count up", DefaultValueFactory = static _ => 1 };
var schedules = new Option<int>("--schedules") { Description = "how many", DefaultValueFactory = static _ => 1000 };
var parallel = new Option<int>("--parallel") { Description = "at the same time", DefaultValueFactory = static _ => new ScheduleCampaign().Parallel };
var schedulesCommand = new Command("schedules", "Runs two nodes against each other through faults and compares what was handed out with what was delivered.")
{
    firstSeed, schedules, parallel,
};
schedulesCommand.SetAction(arguments => ScheduleProgram.Run(
    Console.Out, arguments.GetValue(firstSeed), arguments.GetValue(schedules), arguments.GetValue(parallel)));
root.Subcommands.Add(schedulesCommand);
return root.Parse(args).Invoke();
