using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tests.Faults.Transports;
using Dvs.Proxy.Tests.TestDoubles;
using Dvs.Proxy.Transport.InMemory;

namespace Dvs.Proxy.Tests.Faults.Schedules;

/// <summary>
/// A schedule in which node 0 dies under load and is restarted, once or several times, while node 1 lives on. Whatever the network does
/// besides, the accounts have to be exact: see <see cref="RestartAccounts"/>.
/// </summary>
internal sealed class RestartRun
{
    private const int PortOfMortal = 3001;
    private const int PortOfSurvivor = 3000;
    private const string Address = "127.0.0.1";

    private readonly ScheduleOptions _options;
    private readonly FaultSchedule _schedule;
    private readonly Random _random;
    private readonly InMemoryTransport _network = new();
    private readonly ScriptedNode _survivor;
    private readonly List<MortalLife> _lives = [];
    private readonly RestartTraffic _fromSurvivor;
    private readonly RestartTraffic _fromMortal;

    public RestartRun(ScheduleOptions options, FaultSchedule schedule)
    {
        _options = options;
        _schedule = schedule;
        _random = new Random(options.Seed);
        _survivor = ScheduleRunner.Make(1, new FaultyTransport(_network, schedule, "1"), Address, options, schedule);
        _survivor.AddPeer(0, Address, PortOfMortal, PortOfSurvivor, ScheduleRunner.Configure(options, _network.Name));
        _fromSurvivor = new RestartTraffic(new ScheduleCommands(_random, 1, 0));
        _fromMortal = new RestartTraffic(new ScheduleCommands(_random, 0, 1));
    }

    private MortalLife Current => _lives[^1];

    private long UnknownOrRepeated => Sender.UnknownFate + Sender.PossiblyRepeated;

    private DirectionSnapshot Sender => _survivor.Pair(0).Sender;

    public async Task<ScheduleOutcome> RunAsync()
    {
        List<string> problems = [];
        try
        {
            await BeginLifeAsync();
            await _survivor.StartAsync();
            for (var restart = 0; restart < _options.Restarts; restart++)
            {
                HandOut(_options.Commands / (_options.Restarts + 1));
                LetRun();
                await EndLifeAsync();
                await BeginLifeAsync();
                AwaitTraffic();
            }

            HandOut(_options.Commands / (_options.Restarts + 1));
            Eventually.True(
                () => Current.HasBeenGiven(_fromSurvivor.Count - 1) && HasSurvivorAll, "what was handed out last arrives", Describe);
            problems.AddRange(RestartAccounts.Check(_options, _lives, _fromSurvivor, _fromMortal, _survivor));
        }
        catch (TimeoutException exception)
        {
            problems.Add(exception.Message);
        }

        await Current.Node.StopAsync();
        await _survivor.StopAsync();
        problems.AddRange(ScheduleRunner.CheckStopped(_survivor).Concat(_lives.SelectMany(static life => ScheduleRunner.CheckStopped(life.Node))));
        if (problems.Count > 0)
        {
            problems.AddRange(_lives.Select(static (life, index) => $"log of life {index} of node 0:\n{life.Node.Log.All}"));
            problems.Add($"log of node 1:\n{_survivor.Log.All}");
        }

        var delivered = _survivor.Device.Delivered.Count + _lives.Sum(static life => life.Node.Device.Delivered.Count);
        foreach (var node in _lives.Select(static life => life.Node).Append(_survivor))
        {
            await node.DisposeAsync();
        }

        return new ScheduleOutcome(_options, problems, _schedule.Log, _fromSurvivor.Count + _fromMortal.Count, delivered);
    }

    private bool HasSurvivorAll => _survivor.Device.Delivered.LastOrDefault().Header.Message.Type == _fromMortal.Count - 1;

    private async Task BeginLifeAsync()
    {
        var transport = new MortalTransport(new FaultyTransport(_network, _schedule, $"0 life {_lives.Count}"));
        var node = ScheduleRunner.Make(0, transport, Address, _options, _schedule);
        node.AddPeer(1, Address, PortOfSurvivor, PortOfMortal, ScheduleRunner.Configure(_options, _network.Name));
        _lives.Add(new MortalLife(node, transport, _fromMortal.Count));
        await node.StartAsync();
    }

    private async Task EndLifeAsync()
    {
        _schedule.Log.Add(_options.PlannedStops ? FaultKind.Stop : FaultKind.Restart);
        if (!_options.PlannedStops)
        {
            Current.Transport.Kill();
        }

        await Current.Node.StopAsync();
        Current.End = _fromMortal.Count;
    }

    // Both directions; as fast as the drivers can.
    private void HandOut(int count)
    {
        for (var left = 1 + count; left > 0; left--)
        {
            _fromSurvivor.HandOut(_survivor.Device);
            _fromMortal.HandOut(Current.Node.Device);
        }
    }

    // Dies at a time that has to do with what arrived, but is none of the connections' ends.
    private void LetRun()
    {
        var goal = _random.Next(1 + (_options.Commands / (_options.Restarts + 1)));
        Eventually.True(() => Current.Node.Device.Delivered.Count >= goal, "some of it arrives", Describe);
    }

    // With its first command the fate of what the last life left is settled. What we hand out for that may itself still go to the life that has
    // ended, and be of unknown fate with the rest: then another.
    private void AwaitTraffic()
    {
        var unknown = UnknownOrRepeated;
        _fromSurvivor.HandOut(_survivor.Device);
        Eventually.True(
            () =>
            {
                var resumed = !Current.Node.Device.Delivered.IsEmpty;
                if (!resumed && UnknownOrRepeated != unknown)
                {
                    unknown = UnknownOrRepeated;
                    _fromSurvivor.HandOut(_survivor.Device);
                }

                return resumed;
            },
            "traffic resumes",
            Describe);
        Current.OpenBefore = UnknownOrRepeated - _lives.Sum(static life => life.OpenBefore);
    }

    private string Describe() => $"{_fromSurvivor.Count} and {_fromMortal.Count} handed out; lives: {string.Join(", ", _lives)}; survivor was given {_survivor.Device.Delivered.Count}";
}
