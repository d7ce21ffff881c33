using Dvs.Proxy.Benchmarks.CommandLine;

return await BenchmarkCommandLine.InvokeAsync(args);
