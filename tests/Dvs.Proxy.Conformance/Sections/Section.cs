using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Drivers;
using Dvs.Proxy.Conformance.Running;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>
/// One section of the script. It makes the same steps on every driver, so that the n-th line of its trace is always the same call: a driver that answers
/// otherwise does not lead it elsewhere.
/// </summary>
/// <param name="name">Letter of the section.</param>
/// <param name="subject">What it looks at, in a few words.</param>
/// <param name="hazard">What it does to a kernel driver.</param>
internal abstract class Section(string name, string subject, SectionHazard hazard)
{
    protected const int Any = WellKnownEndpoint.Any;
    protected const int None = WellKnownEndpoint.None;
    protected const int Self = WellKnownEndpoint.Self;

    private SectionRun? _run;

    public string Name => name;

    public string Subject => subject;

    public SectionHazard Hazard => hazard;

    /// <summary>Thread of the pair's sender proxy, after <see cref="BindPair"/>.</summary>
    protected Actor Sender { get; private set; } = null!;

    /// <summary>Thread of the pair's receiver proxy, after <see cref="BindPair"/>.</summary>
    protected Actor Receiver { get; private set; } = null!;

    protected TracedDriver Driver => Run.Driver;

    private SectionRun Run => _run ?? throw new InvalidOperationException("the section is not being played");

    /// <summary>Makes the steps.</summary>
    public void Play(SectionRun run)
    {
        _run = run;
        Play();
    }

    protected abstract void Play();

    protected static DcInfo NewDc(int dcId) => new() { DcId = dcId, Name = $"DC{dcId}" };

    protected Actor StartActor(string actor) => Run.Start(actor);

    /// <summary>A call on the main thread, which is not bound.</summary>
    protected void Do(string call, Func<TracedDriver, string> action) => Run.Do(Run.Main, call, action);

    protected void Do(Actor actor, string call, Func<TracedDriver, string> action) => Run.Do(actor, call, action);

    protected void Await(params ReadOnlySpan<Actor> actors)
    {
        foreach (var actor in actors)
        {
            Run.Await(actor);
        }
    }

    protected void End(Actor actor, string call) => Run.End(actor, call);

    protected void Note(string text, string result = "-") => Run.Note(text, result);

    /// <summary>What comes of a call that was begun with <see cref="Begin"/>.</summary>
    protected void Note(string text, Actor actor) => Run.Note(text, actor);

    /// <summary>Begins a call that has no line of its own.</summary>
    protected void Begin(Actor actor, Func<TracedDriver, string> action) => Run.Begin(actor, action);

    protected void Interrupt(Actor actor) => Run.Interrupt(actor);

    protected void InterruptIfBlocked(Actor actor)
    {
        if (actor.Pending is { IsCompleted: false })
        {
            Run.Interrupt(actor);
        }
    }

    protected void InitializeDvs() => Do("dvs_init(0, defaults)", driver => driver.InitializeDvs(0));

    /// <summary>Node 0 with DC 0.</summary>
    protected void StartNode()
    {
        InitializeDvs();
        Do("dc_init(0)", driver => driver.StartDc(NewDc(0)));
    }

    protected void EndDvs() => Do("dvs_end()", driver => driver.EndDvs());

    /// <summary>A pair for node 1, attached.</summary>
    protected void BindPair(bool connects = true, bool addsNode = true)
    {
        (Sender, Receiver) = (StartActor("snd"), StartActor("rcv"));
        Do("proxies_bind(node1, 1, <snd>, <rcv>, 65536)", driver => driver.BindProxies("node1", 1, Sender.Id, Receiver.Id));
        Do("node_up(node1, 1, 1)", driver => driver.NodeUp("node1", 1, 1));
        if (addsNode)
        {
            Do("add_node(0, 1)", driver => driver.AddNode(0, 1));
        }

        if (connects)
        {
            Do("proxy_conn(1, CONNECT_SPROXY)", driver => driver.Connect(1, 1));
            Do("proxy_conn(1, CONNECT_RPROXY)", driver => driver.Connect(1, 2));
        }
    }

    /// <summary>A thread that is a process of DC 0.</summary>
    protected Actor BindProcess(int endpoint)
    {
        var actor = StartActor($"p{endpoint}");
        Do(actor, $"bind(SELF, dc0, ep {endpoint})", driver => driver.BindSelf(0, endpoint));
        return actor;
    }

    /// <summary>A process of DC 0 that lives on another node.</summary>
    protected void BindRemote(int endpoint, int node = 1) =>
        Do($"bind(REMOTE, dc0, ep {endpoint}, node {node}, \"rmt{endpoint}\")", driver => driver.Bind(BindRequest.Remote(0, endpoint, node, $"rmt{endpoint}")));

    protected void Connect(int pair, int change, string remark = "") => Do($"proxy_conn({pair},{change}){remark}", driver => driver.Connect(pair, change));

    protected void ShowDc(int dcId, string remark = "") => Do($"getdcinfo({dcId}){remark}", driver => driver.Dc(dcId));

    protected void ShowNode(int node, string remark = "") => Do($"getnodeinfo({node}){remark}", driver => driver.Node(node));

    protected void ShowPair(int pair, string remark = "") => Do($"getproxyinfo({pair}){remark}", driver => driver.Pair(pair));

    protected void ShowProcess(int number, string remark = "", int dc = 0) => Do($"getprocinfo({dc},{number}){remark}", driver => driver.Process(dc, number));

    protected void ShowProcesses(params ReadOnlySpan<int> numbers)
    {
        foreach (var number in numbers)
        {
            ShowProcess(number);
        }
    }

    protected void ShowView(string view) => Do($"view {view}", driver => driver.View(view));

    /// <summary>The sender proxy fetches a command.</summary>
    protected void Fetch(int timeout, string remark = "") => Do(Sender, $"get2rmt({timeout}){remark}", driver => driver.GetToRemote(timeout));

    /// <summary>The receiver proxy delivers one.</summary>
    protected void Deliver(string what, Func<CommandHeader> header, byte[]? payload = null) =>
        Do(Receiver, $"put2lcl({what})", driver => driver.PutToLocal(header(), payload));

    /// <summary>A command as a proxy of another node sends it.</summary>
    protected static CommandHeader Command(
        CommandCode command, int source, int destination, int dc = 0, int sourceNode = 1, int destinationNode = 0, int result = 0) => new()
        {
            Command = command,
            DcId = dc,
            SourceEndpoint = source,
            DestinationEndpoint = destination,
            SourceNode = sourceNode,
            DestinationNode = destinationNode,
            ResultCode = result,
            ProcessId = 4711,
            Timestamp = new Timestamp(1, 2),
            Message = TracedDriver.NewMessage(command == CommandCode.NotifyMessage ? 0x1000 | source : 77, source),
        };

    /// <summary>The answer to the last command that was fetched.</summary>
    protected CommandHeader Answer(CommandCode command, int result = 0) => Answer(Driver.LastCommand, command, result);

    /// <summary>The answer to a command.</summary>
    protected static CommandHeader Answer(in CommandHeader request, CommandCode command, int result = 0) => new()
    {
        Command = command,
        DcId = request.DcId,
        SourceEndpoint = request.DestinationEndpoint,
        DestinationEndpoint = request.SourceEndpoint,
        SourceNode = request.DestinationNode,
        DestinationNode = request.SourceNode,
        ResultCode = result,
        Copy = request.Copy,
    };

    /// <summary>A command about a copy as a proxy of another node sends it.</summary>
    protected static CommandHeader CopyCommand(CommandCode command, int source, int destination, CopyDescriptor copy, int sourceNode = 1, int length = 0) =>
        Command(command, source, destination, sourceNode: sourceNode) with { Message = default, Copy = copy, PayloadLength = length };

    /// <summary>A process allocates a buffer.</summary>
    protected void Allocate(Actor actor, string call, Action allocate) => Do(actor, call, _ =>
    {
        allocate();
        return "ok";
    });

    /// <summary>A buffer of the calling process, filled with a pattern.</summary>
    protected DvkBuffer NewBuffer(int length, byte seed)
    {
        var buffer = Driver.Device.AllocateBuffer(length);
        Fill(buffer.Span, seed, 7);
        return buffer;
    }

    protected static void Fill(Span<byte> bytes, int seed, int step)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(seed + (i * step));
        }
    }

    protected static string Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceEqual(right) ? "equal" : "DIFFERENT";
}
