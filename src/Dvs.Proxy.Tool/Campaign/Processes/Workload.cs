using System.Diagnostics;
using Dvs.Proxy.Device;
using Dvs.Proxy.Tool.Campaign.Conversations;
using Dvs.Proxy.Tool.Campaign.Nodes;

namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>One side of a workload: a main process and one child per pair, as the classic test programs have it.</summary>
internal sealed class Workload : IDisposable
{
    private readonly IDvkDevice _device;
    private readonly WorkloadPlan _plan;
    private readonly IConversation _conversation;
    private readonly List<CampaignProcess> _processes = [];

    public Workload(IDvkDevice device, WorkloadPlan plan, WorkloadSide side)
    {
        if (plan.Pairs is < 1 or > WorkloadPlan.MaxPairs)
        {
            throw new ArgumentOutOfRangeException(nameof(plan), plan.Pairs, $"a workload has 1..{WorkloadPlan.MaxPairs} pairs");
        }

        _device = device;
        _plan = plan;
        _conversation = Conversation.For(plan);
        if (side == WorkloadSide.Server)
        {
            AddServers();
        }
        else
        {
            AddClients();
        }
    }

    /// <summary>Binds the processes of this side, and makes those of the other side known.</summary>
    /// <exception cref="DvkException">The driver refused a binding.</exception>
    public void Prepare(WorkloadSide side, int peerNodeId, bool bindClients)
    {
        var remote = side == WorkloadSide.Client
            ? [Endpoints.ServerMain, .. Pairs(Endpoints.Server)]
            : ClientsToBind(bindClients);
        foreach (var endpoint in remote)
        {
            RemoteBinding.Ensure(_device, endpoint, peerNodeId);
        }

        _processes.ForEach(static process => process.Start());
    }

    /// <summary>Lets the processes do their work.</summary>
    public void Release() => _processes.ForEach(static process => process.Release());

    /// <summary>Waits until all processes ended. Only after <see cref="Release"/>.</summary>
    public WorkloadResult Join()
    {
        _processes.ForEach(static process => process.Join());
        var tallies = _processes.ConvertAll(static process => process.Tally);
        var roundTrips = new RoundTripTimes();
        foreach (var ofProcess in tallies.Select(static tally => tally.RoundTrips).OfType<RoundTripTimes>())
        {
            roundTrips.Add(ofProcess);
        }

        return new WorkloadResult
        {
            Messages = tallies.Sum(static tally => tally.Messages),
            Blocks = tallies.Sum(static tally => tally.Blocks),
            BlockBytes = tallies.Sum(static tally => tally.BlockBytes),
            Errors = tallies.Sum(static tally => tally.Errors),
            ErrorTexts = [.. tallies.SelectMany(static tally => tally.ErrorTexts).Take(10)],
            ElapsedSeconds = tallies.Max(static tally => tally.Elapsed).TotalSeconds,
            CopySeconds = tallies.Sum(static tally => tally.Copying.TotalSeconds),
            RoundTripMedian = roundTrips.At(50),
            RoundTripP99 = roundTrips.At(99),
        };
    }

    public void Dispose() => _processes.ForEach(static process => process.Dispose());

    private IEnumerable<int> Pairs(Func<int, int> endpointOf) => Enumerable.Range(0, _plan.Pairs).Select(endpointOf);

    // System processes are never bound by autobind.
    private List<int> ClientsToBind(bool bindClients) =>
        bindClients || _plan.UserClients == 0
            ? [Endpoints.ClientMain, .. Pairs(pair => Endpoints.Client(_plan.Kind, pair))]
            : [Endpoints.ClientMain];

    private void AddServers()
    {
        Add("server", Endpoints.ServerMain, main =>
        {
            // All children, and the main process of the clients.
            var count = _plan.Pairs + 1;
            Barrier.LetGo(main, Barrier.Collect(main, count, isStop: false));
            Barrier.LetGo(main, Barrier.Collect(main, count, isStop: true));
        });
        for (var pair = 0; pair < _plan.Pairs; pair++)
        {
            var number = pair;
            AddChild($"server{pair}", Endpoints.Server(pair), Endpoints.ServerMain, self => _conversation.Serve(self, number));
        }
    }

    private void AddClients()
    {
        Add("client", Endpoints.ClientMain, RunClientMain);
        for (var pair = 0; pair < _plan.Pairs; pair++)
        {
            var number = pair;
            AddChild($"client{pair}", Endpoints.Client(_plan.Kind, pair), Endpoints.ClientMain, self => _conversation.Drive(self, number));
        }
    }

    private void RunClientMain(CampaignProcess main)
    {
        var arrived = Barrier.Collect(main, _plan.Pairs, isStop: false);
        main.Attempt("start barrier of the servers", () => Barrier.Arrive(main, Endpoints.ServerMain, isStop: false));
        var started = Stopwatch.GetTimestamp();
        Barrier.LetGo(main, arrived);
        arrived = Barrier.Collect(main, _plan.Pairs, isStop: true);
        main.Tally.Elapsed = Stopwatch.GetElapsedTime(started);
        main.Attempt("stop barrier of the servers", () => Barrier.Arrive(main, Endpoints.ServerMain, isStop: true));
        Barrier.LetGo(main, arrived);
    }

    private void AddChild(string name, int endpoint, int main, Action<CampaignProcess> work) =>
        Add(name, endpoint, self =>
        {
            self.Attempt("start barrier", () => Barrier.Arrive(self, main, isStop: false));
            self.Attempt(_plan.Kind.ToString(), () => work(self));
            self.Attempt("stop barrier", () => Barrier.Arrive(self, main, isStop: true));
        });

    private void Add(string name, int endpoint, Action<CampaignProcess> body) =>
        _processes.Add(new CampaignProcess(_device, name, endpoint, _plan.StepTimeoutMilliseconds, body));
}
