using System.Diagnostics;

namespace Dvs.Proxy.Benchmarks.Driver;

/// <summary>What is written in C: the driver's load, and the reference proxy. Built with gcc here and now.</summary>
internal sealed class DriverPrograms
{
    private readonly string _load;

    private DriverPrograms(string load, string reference, string standIn) => (_load, Reference, StandIn) = (load, reference, standIn);

    /// <summary>The proxy in C.</summary>
    public string Reference { get; }

    /// <summary>The stand-in for the driver, for set-up calls.</summary>
    public string StandIn { get; }

    /// <summary>What a proxy's process has preloaded.</summary>
    public string Preloaded => $"{_load}:{StandIn}";

    /// <exception cref="InvalidOperationException">There is no gcc here, or no Linux.</exception>
    public static DriverPrograms Build(string directory)
    {
        if (!Benchmarks.StandIn.Prepare().TryGetValue("LD_PRELOAD", out var standIn) || Repository.Find() is not { } repository)
        {
            throw new InvalidOperationException("The stand-in for the driver (tests/native) cannot be built: that takes Linux, gcc and the repository.");
        }

        var (load, reference) = (Path.Combine(directory, "libload.so"), Path.Combine(directory, "reference"));
        var headers = Path.Combine(repository, "tests", "native");
        Compile(["-shared", "-fPIC", "-fvisibility=hidden", "-I", headers, "-o", load, Extract(directory, "load.c"), "-ldl"]);
        Compile(["-pthread", "-I", headers, "-o", reference, Extract(directory, "reference.c")]);
        return new DriverPrograms(load, reference, standIn);
    }

    private static string Extract(string directory, string name)
    {
        var file = Path.Combine(directory, name);
        using var resource = typeof(DriverPrograms).Assembly.GetManifestResourceStream(name)!;
        using var target = File.Create(file);
        resource.CopyTo(target);
        return file;
    }

    private static void Compile(string[] arguments)
    {
        using var compiler = Process.Start(new ProcessStartInfo("gcc", ["-std=gnu11", "-O2", "-Wall", "-Wno-unused-parameter", .. arguments]) { RedirectStandardError = true })!;
        var messages = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode != 0)
        {
            throw new InvalidOperationException($"gcc could not build the benchmark's programs: {messages}");
        }
    }
}
