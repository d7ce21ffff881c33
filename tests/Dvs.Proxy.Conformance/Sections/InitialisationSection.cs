using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>What a driver answers before it is initialised, and which limits it takes.</summary>
internal sealed class InitialisationSection() : Section("A", "before dvs_init, limits, dvs_end", SectionHazard.None)
{
    protected override void Play()
    {
        RefuseEverything();
        foreach (var node in (int[])[-1, 32, 33])
        {
            Do($"dvs_init({node}, defaults)", driver => driver.InitializeDvs(node));
        }

        Initialise("nr_dcs=0", new DvsInfo { MaxDcs = 0 });
        Initialise("nr_dcs=33", new DvsInfo { MaxDcs = 33 });
        Initialise("nr_nodes=33", new DvsInfo { MaxNodes = 33 });
        Initialise("nr_procs=222", new DvsInfo { MaxProcesses = 222 });
        Initialise("nr_tasks=36", new DvsInfo { MaxTasks = 36 });
        Initialise("nr_sysprocs=65", new DvsInfo { MaxSystemProcesses = 65 });
        Initialise("nr_sysprocs=35", new DvsInfo { MaxSystemProcesses = 35 });
        Initialise("max_copybuf=65537", new DvsInfo { MaxCopyBuffer = 65_537 });
        Initialise("max_copylen=1048577", new DvsInfo { MaxCopyLength = 1_048_577 });
        Initialise("max_copybuf=65536, max_copylen=4096", new DvsInfo { MaxCopyLength = 4_096 });
        Initialise("max_copybuf=0", new DvsInfo { MaxCopyBuffer = 0 });
        Do("LocalNodeId", driver => driver.LocalNodeId());
        Do("dvs_end", driver => driver.EndDvs());
        Do("dvs_init(3, name=a-very-long-dvs-name-here, version=5)", driver => driver.InitializeDvs(3, new DvsInfo { Name = "a-very-long-dvs", Version = 5 }));
        Do("getdvsinfo", driver => driver.Dvs());
        Do("LocalNodeId", driver => driver.LocalNodeId());
        Do("dvs_init(3) again", driver => driver.InitializeDvs(3));
        foreach (var node in (int[])[3, 4, -1, 32])
        {
            ShowNode(node);
        }

        Do("dvs_end", driver => driver.EndDvs());
        Do("LocalNodeId", driver => driver.LocalNodeId());
        Do("dvs_end again", driver => driver.EndDvs());
        InitializeDvs();
        Do("getdvsinfo", driver => driver.Dvs());
        EndDvs();
    }

    private void Initialise(string limit, DvsInfo limits) => Do($"dvs_init(0, {limit})", driver => driver.InitializeDvs(0, limits));

    private void RefuseEverything()
    {
        Do("LocalNodeId (getdvsinfo)", driver => driver.LocalNodeId());
        Do("getdvsinfo", driver => driver.Dvs());
        Do("dvs_end", driver => driver.EndDvs());
        Do("dc_init(0)", driver => driver.StartDc(NewDc(0)));
        Do("dc_end(0)", driver => driver.EndDc(0));
        ShowDc(0);
        ShowNode(0);
        ShowProcess(0);
        ShowPair(1);
        Do("add_node(0,1)", driver => driver.AddNode(0, 1));
        Do("del_node(0,1)", driver => driver.RemoveNode(0, 1));
        Do("node_up(node1,1,1)", driver => driver.NodeUp("node1", 1, 1));
        Do("node_down(1)", driver => driver.NodeDown(1));
        Do("proxies_bind(node1,1,self,self,65536)", driver => driver.BindProxies("node1", 1, driver.Device.CurrentThreadId, driver.Device.CurrentThreadId));
        Do("proxies_unbind(1)", driver => driver.UnbindProxies(1));
        Connect(1, 1);
        Do("bind(SELF,0,5)", driver => driver.BindSelf(0, 5));
        Do("unbind(0,5)", driver => driver.Unbind(0, 5));
        Do("getep(self)", driver => driver.GetEndpoint(driver.Device.CurrentThreadId));
        Do("wait4bind(BIND,5,0)", driver => driver.WaitForBind(WaitForBindKind.Bind, 5, 0));
        Do("send(5,_,0)", driver => driver.Send(5, 1, 0));
        Do("receive(ANY,0)", driver => driver.Receive(Any, 0));
        Do("rcvrqst(0)", driver => driver.ReceiveRequest(0));
        Do("sendrec(5,_,0)", driver => driver.SendReceive(5, 1, 0));
        Do("reply(5,_,0)", driver => driver.Reply(5, 1, 0));
        Do("notify(SELF,5,0)", driver => driver.Notify(Self, 5, 0));
        Do("vcopy(5->6, 10)", driver => driver.Copy(5, 4096, 6, 4096, 10));
        Do("get2rmt(0)", driver => driver.GetToRemote(0));
        Do("put2lcl(SEND_MSG)", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
        Do("wakeup(0,5)", driver => driver.WakeUp(0, 5));
    }
}
