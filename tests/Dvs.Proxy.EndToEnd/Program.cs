using Dvs.Proxy.EndToEnd.Crowd;
using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.EndToEnd.Sessions;
using Dvs.Proxy.EndToEnd.Streams;
using Xunit.Runner.InProc.SystemConsole;

namespace Dvs.Proxy.EndToEnd;

/// <summary>The entry of this assembly: a test starts it with a verb, as the other node; whoever runs the tests starts it without one.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments) => arguments switch
    {
        [SessionSink.Verb, var settings] => SessionSink.RunAsync(settings),
        [CrowdProgram.Verb, var crowd] => CrowdProgram.RunAsync(crowd),
        [FaultingProgram.Verb, var where] => FaultingProgram.RunAsync(where),
        [UnannouncedExit.Verb, var way] => UnannouncedExit.RunAsync(way),
        _ => ConsoleRunner.Run(arguments),
    };
}
