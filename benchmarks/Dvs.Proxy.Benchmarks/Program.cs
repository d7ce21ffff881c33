using BenchmarkDotNet.Running;
using Dvs.Proxy.Benchmarks;
using Dvs.Proxy.Benchmarks.EndToEnd;

return args switch
{
    [QuickRun.Verb, .. var rest] => QuickRun.Run(rest),
    [EndToEndBenchmark.Verb, .. var rest] => EndToEndBenchmark.Run(rest),
    [StartUpBenchmark.Verb, .. var rest] => StartUpBenchmark.Run(rest),
    [NodeHost.Verb] => NodeHost.Run(),
    [LimitFallback.Verb, .. var rest] => LimitFallback.Run(rest),
    _ => RunSwitcher(args),
};

static int RunSwitcher(string[] arguments)
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments);
    return 0;
}
