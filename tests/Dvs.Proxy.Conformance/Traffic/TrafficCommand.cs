using System.CommandLine;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel;

namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>The verb <c>traffic</c>: processes of two machines talk to each other through the proxies between them.</summary>
internal static class TrafficCommand
{
    private static readonly Option<string> Device = new("--device") { Description = "path of the driver's device", DefaultValueFactory = static _ => KernelDvkDevice.DefaultPath };
    private static readonly Option<int> Dc = new("--dc") { Description = "the DC" };
    private static readonly Option<int> Endpoint = new("--endpoint") { Description = "own endpoint, of a system process", Required = true };
    private static readonly Option<int> Peer = new("--peer") { Description = "endpoint of the other", Required = true };
    private static readonly Option<int> PeerNode = new("--peer-node") { Description = "node of the other", Required = true };
    private static readonly Option<TrafficKind> Kind = new("--kind") { Description = "what is asked for", DefaultValueFactory = static _ => TrafficKind.Echo };
    private static readonly Option<int> Loops = new("--loops") { Description = "how often", DefaultValueFactory = static _ => 500 };
    private static readonly Option<int> Bytes = new("--bytes") { Description = $"of a copy, at most {TrafficArguments.MaxBytes}" };

    public static Command Make()
    {
        var serve = new Command("serve", "Answers until a client calls with --kind end.") { Device, Dc, Endpoint, Peer, PeerNode };
        serve.SetAction(static arguments => Run(Read(arguments), static (device, settings) => new TrafficServer(device, settings, Console.Out).Run()));
        var call = new Command("call", "Makes requests and checks the answers.") { Device, Dc, Endpoint, Peer, PeerNode, Kind, Loops, Bytes };
        call.SetAction(static arguments => Run(
            Read(arguments) with { Kind = arguments.GetValue(Kind), Loops = arguments.GetValue(Kind) == TrafficKind.End ? 1 : arguments.GetValue(Loops), Bytes = arguments.GetValue(Bytes) },
            static (device, settings) => new TrafficClient(device, settings, Console.Out).Run()));
        Bytes.Validators.Add(static result =>
        {
            if (result.GetValue(Bytes) is < 0 or > TrafficArguments.MaxBytes)
            {
                result.AddError($"--bytes is {result.GetValue(Bytes)}: give 0 to {TrafficArguments.MaxBytes}.");
            }
        });
        return new Command("traffic", "Lets processes of two machines talk through their proxies: 'serve' on one, 'call' on the other.") { serve, call };
    }

    private static TrafficArguments Read(ParseResult arguments) => new()
    {
        Device = arguments.GetValue(Device)!,
        Dc = arguments.GetValue(Dc),
        Endpoint = arguments.GetValue(Endpoint),
        Peer = arguments.GetValue(Peer),
        PeerNode = arguments.GetValue(PeerNode),
    };

    private static int Run(TrafficArguments arguments, Func<IDvkDevice, TrafficArguments, int> run)
    {
        try
        {
            using var device = KernelDvkDevice.Open(arguments.Device);
            return run(device, arguments);
        }
        catch (DvkException refusal)
        {
            Console.Error.WriteLine(refusal.Message);
            return 2;
        }
    }
}
