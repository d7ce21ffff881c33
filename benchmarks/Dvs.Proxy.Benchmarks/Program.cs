using BenchmarkDotNet.Running;
using Dvs.Proxy.Benchmarks;
using Dvs.Proxy.Benchmarks.Cuts;
using Dvs.Proxy.Benchmarks.EndToEnd;
using Dvs.Proxy.EndToEnd.Sessions;

return args switch
{
    [QuickRun.Verb, .. var rest] => QuickRun.Run(rest),
    [EndToEndBenchmark.Verb, .. var rest] => EndToEndBenchmark.Run(rest),
    [CutsBenchmark.Verb, .. var rest] => await CutsBenchmark.RunAsync(rest),
    [SessionSink.Verb, var sink] => await SessionSink.RunAsync(sink),
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
