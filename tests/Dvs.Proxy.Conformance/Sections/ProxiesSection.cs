using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>Pairs, the nodes they serve, and their connection. The recording ends at dvs_end, which never returned.</summary>
internal sealed class ProxiesSection() : Section("C", "proxy pairs and nodes", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        var (sender, receiver) = (StartActor("snd"), StartActor("rcv"));
        BindPairs(sender, receiver);
        AttachNodes();
        AddNodes();
        UseUnconnected(sender, receiver);
        ConnectPair(sender);
        DetachNode();
    }

    private void BindPairs(Actor sender, Actor receiver)
    {
        var (sender2, receiver2) = (StartActor("snd2"), StartActor("rcv2"));
        ShowPair(1, " free");
        ShowPair(-1);
        ShowPair(32);
        Do("node_up(node1,1,1) pair free", driver => driver.NodeUp("node1", 1, 1));
        Connect(1, 1, " pair free");
        Connect(-1, 1);
        Connect(32, 1);
        Do("proxies_unbind(1) free", driver => driver.UnbindProxies(1));
        Do("proxies_unbind(32)", driver => driver.UnbindProxies(32));
        Do("proxies_bind(p,32,..)", driver => driver.BindProxies("p", 32, sender.Id, receiver.Id));
        Do("proxies_bind(p,-1,..)", driver => driver.BindProxies("p", -1, sender.Id, receiver.Id));
        Do("proxies_bind(p,1,same,same)", driver => driver.BindProxies("p", 1, sender.Id, sender.Id));
        ShowPair(1);
        Do("proxies_bind(p,1,sender dead)", driver => driver.BindProxies("p", 1, 999_999, receiver.Id));
        Do("proxies_bind(p,1,receiver dead)", driver => driver.BindProxies("p", 1, sender.Id, 999_999));
        Do("proxies_bind(p,1,0,0)", driver => driver.BindProxies("p", 1, 0, 0));
        Do("proxies_bind(p,1,snd,rcv,65537)", driver => driver.BindProxies("p", 1, sender.Id, receiver.Id, 65_537));
        Do("proxies_bind(p,1,snd,rcv,0)", driver => driver.BindProxies("p", 1, sender2.Id, receiver2.Id, 0));
        ShowPair(1);
        Do("proxies_bind(node1,1,snd,rcv,65536)", driver => driver.BindProxies("node1", 1, sender.Id, receiver.Id));
        ShowPair(1);
        Do("proxies_bind(node1,1) again", driver => driver.BindProxies("node1", 1, sender.Id, receiver.Id));
        Do("proxies_bind(node2,2, same threads)", driver => driver.BindProxies("node2", 2, sender.Id, receiver.Id));
        Do("proxies_bind(node1,2,snd2,rcv2) same name", driver => driver.BindProxies("node1", 2, sender2.Id, receiver2.Id));
        ShowNode(1, " before node_up");
        Do("add_node(0,1) before node_up", driver => driver.AddNode(0, 1));
        ShowView("proxies/info");
        ShowView("proxies/procs");
    }

    private void AttachNodes()
    {
        Do("node_up(x,0,1) local node", driver => driver.NodeUp("x", 0, 1));
        Do("node_up(x,32,1)", driver => driver.NodeUp("x", 32, 1));
        Do("node_up(x,1,5) pair free", driver => driver.NodeUp("x", 1, 5));
        Do("node_up(x,1,32)", driver => driver.NodeUp("x", 1, 32));
        Do("node_up(node1,1,1)", driver => driver.NodeUp("node1", 1, 1));
        ShowNode(1);
        ShowPair(1);
        Do("node_up(node1,1,1) again", driver => driver.NodeUp("node1", 1, 1));
        Do("node_up(nodeX,7,1) second node on pair", driver => driver.NodeUp("nodeX", 7, 1));
        ShowNode(7);
        Do("node_down(7)", driver => driver.NodeDown(7));
        ShowNode(7);
        Do("node_down(7) again", driver => driver.NodeDown(7));
        Do("node_down(0) local", driver => driver.NodeDown(0));
        Do("node_down(32)", driver => driver.NodeDown(32));
        Do("node_down(-1)", driver => driver.NodeDown(-1));
    }

    private void AddNodes()
    {
        Do("add_node(0,0) local", driver => driver.AddNode(0, 0));
        Do("add_node(0,32)", driver => driver.AddNode(0, 32));
        Do("add_node(0,-1)", driver => driver.AddNode(0, -1));
        Do("add_node(32,1)", driver => driver.AddNode(32, 1));
        Do("add_node(-1,1)", driver => driver.AddNode(-1, 1));
        Do("add_node(5,1) dc not running", driver => driver.AddNode(5, 1));
        Do("add_node(0,9) node free", driver => driver.AddNode(0, 9));
        Do("del_node(0,1) not there", driver => driver.RemoveNode(0, 1));
        Do("del_node(0,0) local", driver => driver.RemoveNode(0, 0));
        Do("del_node(5,1) dc not running", driver => driver.RemoveNode(5, 1));
        Do("add_node(0,1)", driver => driver.AddNode(0, 1));
        ShowDc(0);
        ShowNode(1);
        Do("add_node(0,1) again", driver => driver.AddNode(0, 1));
    }

    private void UseUnconnected(Actor sender, Actor receiver)
    {
        Do("get2rmt by unbound thread", driver => driver.GetToRemote(0));
        Do(sender, "get2rmt(0) not connected", driver => driver.GetToRemote(0));
        Do(receiver, "get2rmt(0) on the receiver's thread", driver => driver.GetToRemote(0));
        Do(receiver, "put2lcl(SEND_MSG 5->3) not connected", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
        Do(sender, "put2lcl on the sender's thread", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
    }

    private void ConnectPair(Actor sender)
    {
        Connect(1, 0);
        Connect(1, 5);
        Connect(1, 3, " not connected");
        Connect(1, 4, " not connected");
        Connect(1, 1);
        ShowPair(1);
        ShowNode(1);
        Connect(1, 1, " again");
        Connect(1, 2);
        ShowPair(1);
        ShowNode(1);
        ShowView("nodes");
        ShowView("proxies/info");
        ShowView("proxies/procs");
        foreach (var timeout in (int[])[0, 100, -1])
        {
            Do(sender, $"get2rmt({timeout})", driver => driver.GetToRemote(timeout));
        }

        ShowPair(1, " while sender waits");
        Connect(1, 3, " while sender waits");
        Await(sender);
        ShowPair(1);
        Interrupt(sender);
        Await(sender);
        Do(sender, "get2rmt(100) after disconnect", driver => driver.GetToRemote(100));
        Connect(1, 4);
        ShowNode(1);
    }

    private void DetachNode()
    {
        Do("del_node(0,1)", driver => driver.RemoveNode(0, 1));
        ShowNode(1);
        Do("node_down(1)", driver => driver.NodeDown(1));
        ShowNode(1);
        Do("node_up(node1,1,1) after down", driver => driver.NodeUp("node1", 1, 1));
        Do("add_node(0,1)", driver => driver.AddNode(0, 1));
        Do("node_down(1) while in a DC", driver => driver.NodeDown(1));
        ShowNode(1);
        ShowDc(0);
    }
}
