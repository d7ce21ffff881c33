using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.EndToEnd.Kernel;

/// <summary>
/// Processes into which the native stand-in for the driver is preloaded, and the faults it found in what they gave it. With shared state they
/// all meet in one driver, as the processes of one machine do; without, each process has its own.
/// </summary>
internal sealed class StandInMachine : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _environment;

    /// <summary>Skips the test where there is no compiler.</summary>
    public StandInMachine(bool sharesState)
    {
        _environment = new()
        {
            ["LD_PRELOAD"] = NativeStandIn.RequirePath(),
            ["DVK_STANDIN_REPORT"] = _folder["violations.txt"],
            ["DVK_STANDIN_STATE"] = sharesState ? _folder["driver"] : null,
        };
    }

    /// <summary>Driver options of the next processes; see tests/native/README.md.</summary>
    public string? Options
    {
        set => _environment["DVK_STANDIN_OPTIONS"] = value;
    }

    public TemporaryFolder Folder => _folder;

    public ChildProcess Start(params string[] arguments) => ChildProcess.StartHost(_environment, arguments);

    /// <summary>Starts the sample program on this machine.</summary>
    public ChildProcess StartSample(params string[] arguments) => ChildProcess.StartSample(_environment, arguments);

    /// <summary>Runs the host to its end.</summary>
    public async Task<ChildProcess> RunAsync(params string[] arguments)
    {
        var host = Start(arguments);
        await host.WaitForExitAsync(Limits.Demo);
        return host;
    }

    /// <summary>Runs a verb that must work, and gives back what it printed.</summary>
    public async Task<string> ReadAsync(params string[] arguments)
    {
        await using var host = await RunAsync(arguments);
        host.AssertExitCode(0);
        Assert.Equal("", host.Error);
        return host.Output;
    }

    /// <summary>Runs a verb that must be refused, and gives back what it said.</summary>
    public async Task<string> ReadRefusalAsync(params string[] arguments)
    {
        await using var host = await RunAsync(arguments);
        host.AssertExitCode(2);
        Assert.Equal("", host.Output);
        return host.Error;
    }

    public void AssertNoViolations()
    {
        var report = _folder["violations.txt"];
        Assert.Equal("", File.Exists(report) ? File.ReadAllText(report) : "");
    }

    public void Dispose() => _folder.Dispose();
}
