using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>
/// Messages and notifications within the node. A notification to an endpoint out of range (E.103) is the last call that the real driver let return.
/// </summary>
internal sealed class LocalMessagesSection() : Section("E", "messages within the node", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        var (a, b, u) = (BindProcess(3), BindProcess(4), BindProcess(40));
        BindProcess(41);
        var unbound = StartActor("unbound");
        Do(unbound, "send(3) by an unbound thread", driver => driver.Send(3, 1, 0));
        Do(unbound, "receive(ANY,0) by an unbound thread", driver => driver.Receive(Any, 0));
        Refuse(a);
        Send(a, b, u);
        SendReceive(a, b, u);
        SendToEachOther(a, b);
        CallAsUser(u);
        Notify(a, b, u);
        NotifyForOthers(a, b, u);
        EndPartner(a, b);
    }

    private void Refuse(Actor a)
    {
        Do(a, "send(4,0) nobody waits", driver => driver.Send(4, 1, 0));
        Do(a, "send(4,100)", driver => driver.Send(4, 1, 100));
        ShowProcess(3);
        Do(a, "send(3) itself", driver => driver.Send(3, 1, 0));
        Do(a, "send(SELF)", driver => driver.Send(Self, 1, 0));
        Do(a, "send(ANY)", driver => driver.Send(Any, 1, 0));
        Do(a, "send(NONE)", driver => driver.Send(None, 1, 0));
        Do(a, "send(50) not bound", driver => driver.Send(50, 1, 0));
        Do(a, "send(221)", driver => driver.Send(221, 1, 0));
        Do(a, "send(-36)", driver => driver.Send(-36, 1, 0));
        Do(a, "send(-1 HARDWARE)", driver => driver.Send(-1, 1, 0));
        Do(a, "send(-2 SYSTEM not bound)", driver => driver.Send(-2, 1, 0));
        Do(a, "send(gen1 of 4)", driver => driver.Send(EndpointNumber.ToEndpoint(4, 1, 35), 1, 0));
        Do(a, "receive(ANY,0)", driver => driver.Receive(Any, 0));
        Do(a, "receive(ANY,100)", driver => driver.Receive(Any, 100));
        Do(a, "receive(4,100)", driver => driver.Receive(4, 100));
        Do(a, "receive(50,0) not bound", driver => driver.Receive(50, 0));
        for (var i = 0; i < 4; i++)
        {
            Note("(left out here: see section R)");
        }

        Do(a, "rcvrqst(0)", driver => driver.ReceiveRequest(0));
        Do(a, "rcvrqst(100)", driver => driver.ReceiveRequest(100));
    }

    private void Send(Actor a, Actor b, Actor u)
    {
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        ShowProcess(4, " waiting");
        Do(a, "send(4,11,-1)", driver => driver.Send(4, 11, -1));
        Await(b);
        ShowProcess(3);
        Do(b, "receive(3,-1)", driver => driver.Receive(3, -1));
        Do(u, "send(4,12,100) b waits for 3 only", driver => driver.Send(4, 12, 100));
        Do(a, "send(4,13,0) b waits for it", driver => driver.Send(4, 13, 0));
        Await(b);
        Do(a, "send(4,14,-1) nobody waits", driver => driver.Send(4, 14, -1));
        ShowProcess(3, " sending");
        Do(u, "send(4,15,-1) second in queue", driver => driver.Send(4, 15, -1));
        Do(b, "receive(40,0) the second first", driver => driver.Receive(40, 0));
        Await(u);
        Do(b, "receive(ANY,0)", driver => driver.Receive(Any, 0));
        Await(a);
        Do(b, "receive(ANY,0) nothing more", driver => driver.Receive(Any, 0));
    }

    private void SendReceive(Actor a, Actor b, Actor u)
    {
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Do(a, "sendrec(4,21,-1)", driver => driver.SendReceive(4, 21, -1));
        Await(b);
        ShowProcess(3, " in sendrec");
        Do(u, "reply(3) by one who got no request", driver => driver.Reply(3, 22, 0));
        Do(b, "reply(3,23,0)", driver => driver.Reply(3, 23, 0));
        Await(a);
        Do(b, "reply(3,24,0) nobody waits", driver => driver.Reply(3, 24, 0));
        Do(b, "reply(50) not bound", driver => driver.Reply(50, 24, 0));
        Do(a, "sendrec(4,25,0) nobody waits", driver => driver.SendReceive(4, 25, 0));
        Do(a, "sendrec(4,25,100)", driver => driver.SendReceive(4, 25, 100));
        ShowProcess(3);
        Do(a, "sendrec(50) not bound", driver => driver.SendReceive(50, 25, 0));
        Do(a, "sendrec(3) itself", driver => driver.SendReceive(3, 25, 0));
        Do(b, "rcvrqst(-1)", driver => driver.ReceiveRequest(-1));
        Do(a, "sendrec(4,26,-1)", driver => driver.SendReceive(4, 26, -1));
        Await(b);
        Do(b, "send(3,27,0) answers a sendrec", driver => driver.Send(3, 27, 0));
        Await(a);
        Do(b, "rcvrqst(-1)", driver => driver.ReceiveRequest(-1));
        Do(a, "send(4,28,300) while b is in rcvrqst", driver => driver.Send(4, 28, 300));
        Await(b, a);
    }

    private void SendToEachOther(Actor a, Actor b)
    {
        Do(a, "send(4,32,-1)", driver => driver.Send(4, 32, -1));
        Do(b, "send(3,33,0) each to the other", driver => driver.Send(3, 33, 0));
        Do(b, "send(3,33,100) each to the other", driver => driver.Send(3, 33, 100));
        Do(b, "receive(3,0)", driver => driver.Receive(3, 0));
        Await(a);
        Do(b, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Interrupt(b);
        Note("signal to b");
        Await(b);
    }

    private void CallAsUser(Actor u)
    {
        Do(u, "send(41) user to user", driver => driver.Send(41, 1, 0));
        Do(u, "sendrec(41) user to user", driver => driver.SendReceive(41, 1, 0));
        Do(u, "reply(41) user to user", driver => driver.Reply(41, 1, 0));
        Do(u, "notify(SELF,41)", driver => driver.Notify(Self, 41, 0));
        Do(u, "receive(41,0) user from user", driver => driver.Receive(41, 0));
        Do(u, "sendrec(4,1,100) user to system", driver => driver.SendReceive(4, 1, 100));
        Do(u, "send(4,1,100) user to system", driver => driver.Send(4, 1, 100));
        Do(u, "rcvrqst(0) by a user", driver => driver.ReceiveRequest(0));
        Do(u, "receive(ANY,0) by a user", driver => driver.Receive(Any, 0));
    }

    private void Notify(Actor a, Actor b, Actor u)
    {
        Do(a, "notify(SELF,4,0) nobody waits", driver => driver.Notify(Self, 4, 0));
        ShowProcess(4);
        ReceiveNotification(b, Any, 0);
        ReceiveNotification(b, Any, 0);
        ReceiveNotification(b, Any, -1);
        Do(a, "notify(SELF,4,7) b waits", driver => driver.Notify(Self, 4, 7));
        Await(b);
        Do(a, "notify(SELF,4) 1st", driver => driver.Notify(Self, 4, 0));
        Do(a, "notify(SELF,4) 2nd", driver => driver.Notify(Self, 4, 0));
        ReceiveNotification(b, 3, 0);
        ReceiveNotification(b, 3, 0);
        Note("(notify to itself left out: -306 and the process is stuck)");
        ReceiveNotification(a, Any, 0);
        Do(a, "notify(SELF,50) not bound", driver => driver.Notify(Self, 50, 0));
        Do(a, "notify(SELF,221)", driver => driver.Notify(Self, 221, 0));
        Do(a, "notify(SELF,40) to a user", driver => driver.Notify(Self, 40, 0));
        ReceiveNotification(u, Any, 0);
        Do(u, "notify(SELF,4) by a user", driver => driver.Notify(Self, 4, 0));
        ReceiveNotification(b, Any, 0);
    }

    private void NotifyForOthers(Actor a, Actor b, Actor u)
    {
        Do(a, "notify(nr 4, ep 40)", driver => driver.Notify(4, 40, 0));
        ReceiveNotification(u, Any, 0);
        Do(a, "notify(nr -1 HARDWARE, ep 4)", driver => driver.Notify(-1, 4, 0));
        ReceiveNotification(b, Any, 0);
        Do(a, "notify(nr -2 SYSTEM, ep 4, 3)", driver => driver.Notify(-2, 4, 3));
        ReceiveNotification(b, Any, 0);
        Do(a, "notify(nr 221, ep 4)", driver => driver.Notify(221, 4, 0));
        Do(a, "notify(nr 50 not bound, ep 4)", driver => driver.Notify(50, 4, 0));
        ReceiveNotification(b, Any, 0);
    }

    private void EndPartner(Actor a, Actor b)
    {
        Do(a, "receive(4,-1)", driver => driver.Receive(4, -1));
        LeaveAndComeBack();
        Do(a, "send(4,-1)", driver => driver.Send(4, 1, -1));
        LeaveAndComeBack();
        Do(a, "sendrec(4,-1)", driver => driver.SendReceive(4, 1, -1));
        Do(b, "receive(3,0)", driver => driver.Receive(3, 0));
        LeaveAndComeBack();
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        End(b, "thread b ends");

        void LeaveAndComeBack()
        {
            Do(b, "unbind(0,4)", driver => driver.Unbind(0, 4));
            Await(a);
            Do(b, "bind(SELF,0,4)", driver => driver.BindSelf(0, 4));
        }
    }

    private void ReceiveNotification(Actor actor, int endpoint, int timeout) => Do(
        actor, $"receive({(endpoint == Any ? "ANY" : endpoint)},{timeout})", driver => driver.ReceiveNotification(endpoint, timeout));
}
