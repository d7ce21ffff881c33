using Dvs.Proxy.Conformance.Actors;

namespace Dvs.Proxy.Conformance.Sections.Traps;

/// <summary>The threads of a pair end, one and then the other. The driver as published hangs at the first.</summary>
internal sealed class ThreadEndsSection() : Section("I", "proxy threads that end", SectionHazard.HangsAsPublished)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var a = BindProcess(3);
        BindRemote(5);
        EndSenderFirst(a);
        ComeBack(a);
        EndReceiverFirst();
    }

    private void EndSenderFirst(Actor a)
    {
        Do(a, "send(5,71,-1)", driver => driver.Send(5, 71, -1));
        End(Sender, "sender's thread ends (nothing fetched)");
        Await(a);
        ShowPair(1);
        ShowNode(1);
        Do(a, "send(5,72,100)", driver => driver.Send(5, 72, 100));
        ShowProcess(5);
        End(Receiver, "receiver's thread ends");
        ShowPair(1);
        ShowNode(1);
        ShowDc(0);
        Do(a, "send(5,73,100)", driver => driver.Send(5, 73, 100));
        ShowProcess(5);
        ShowView("nodes");
    }

    private void ComeBack(Actor a)
    {
        BindPair(addsNode: false);
        ShowNode(1);
        ShowDc(0);
        Do("add_node(0,1)", driver => driver.AddNode(0, 1));
        ShowProcess(5);
        Do(a, "send(5,74,300)", driver => driver.Send(5, 74, 300));
        Fetch(300);
    }

    private void EndReceiverFirst()
    {
        Fetch(-1);
        End(Receiver, "receiver's thread ends while the sender waits");
        Await(Sender);
        ShowPair(1);
        ShowNode(1);
        Interrupt(Sender);
        Await(Sender);
        Fetch(100);
        End(Sender, "sender's thread ends");
        ShowPair(1);
        ShowNode(1);
    }
}
