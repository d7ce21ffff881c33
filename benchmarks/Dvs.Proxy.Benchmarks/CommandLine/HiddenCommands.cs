using System.CommandLine;
using Dvs.Proxy.Benchmarks.EndToEnd;
using Dvs.Proxy.EndToEnd.Sessions;

namespace Dvs.Proxy.Benchmarks.CommandLine;

/// <summary>Verbs by which this program starts itself as another process.</summary>
internal static class HiddenCommands
{
    public static IEnumerable<Command> Create() => [CreateNode(), CreateLimit(), CreateLine(), CreateSink()];

    private static Command CreateNode()
    {
        var command = new Command(NodeHost.Verb, "A node that does what its standard input says.") { Hidden = true };
        command.SetAction(static _ => NodeHost.Run());
        return command;
    }

    private static Command CreateLimit()
    {
        var arguments = new Argument<string[]>("ARGUMENTS") { Description = "those of limit.c" };
        var command = new Command(LimitFallback.Verb, "The bare socket program, in .NET.") { arguments };
        command.Hidden = true;
        command.SetAction(parsed => LimitFallback.Run(parsed.GetValue(arguments)!));
        return command;
    }

    private static Command CreateLine()
    {
        var rate = new Argument<double>("RATE") { Description = "bytes per second; 0 for as fast as it goes" };
        var roundTrip = new Argument<double>("MS") { Description = "round trip in milliseconds" };
        var command = new Command(LineRelay.Verb, "A line with a rate and a delay, as a relay.") { rate, roundTrip };
        command.Hidden = true;
        command.SetAction(parsed => LineRelay.Run(new LinePlan(parsed.GetValue(rate), parsed.GetValue(roundTrip))));
        return command;
    }

    private static Command CreateSink()
    {
        var settings = new Argument<string>("SETTINGS") { Description = "as JSON" };
        var command = new Command(SessionSink.Verb, "The receiving node of the cuts.") { settings };
        command.Hidden = true;
        command.SetAction((parsed, _) => SessionSink.RunAsync(parsed.GetValue(settings)!));
        return command;
    }
}
