using Dvs.Proxy.EndToEnd.Crowd;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.EndToEnd.Sessions;
using Dvs.Proxy.EndToEnd.Streams;

namespace Dvs.Proxy.EndToEnd;

/// <summary>What this assembly does when a test starts it as a program: the other node. The test runner does not come through here.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [SessionSink.Verb, var settings])
        {
            return await SessionSink.RunAsync(settings);
        }

        if (arguments is [CrowdProgram.Verb, var crowd])
        {
            return await CrowdProgram.RunAsync(crowd);
        }

        if (arguments is [FaultingProgram.Verb, var where])
        {
            return await FaultingProgram.RunAsync(where);
        }

        if (arguments is [UnannouncedExit.Verb, var way])
        {
            return await UnannouncedExit.RunAsync(way);
        }

        await Console.Error.WriteLineAsync($"usage: dotnet exec Dvs.Proxy.EndToEnd.dll {SessionSink.Verb}|{CrowdProgram.Verb}|{UnannouncedExit.Verb} SETTINGS (run the tests with: dotnet test)");
        return 2;
    }
}
