using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>Messages to and from another node, through the two threads of its pair.</summary>
internal sealed class RemoteMessagesSection() : Section("F", "messages to and from another node", SectionHazard.HangsAsPublished)
{
    // EDVSDSTDIED
    private const int DestinationDied = -109;

    protected override void Play()
    {
        StartNode();
        BindPair(connects: false);
        var (a, u) = (BindProcess(3), BindProcess(40));
        BindRemote(5);
        BindRemote(60);
        Do(a, "send(5,0) pair not connected", driver => driver.Send(5, 1, 0));
        Do(a, "sendrec(5,0) pair not connected", driver => driver.SendReceive(5, 1, 0));
        Do(a, "notify(SELF,5) pair not connected", driver => driver.Notify(Self, 5, 0));
        Do(a, "reply(5,0) pair not connected", driver => driver.Reply(5, 1, 0));
        Connect(1, 1);
        Connect(1, 2);
        Send(a);
        SendReceive(a);
        NotifyAndReply(a);
        Receive(a);
        ReceiveRequest(a);
        ReceiveNotifications(a);
        ShowNode(1);
        ShowPair(1);
        Do(u, "send(60,0) user to remote user", driver => driver.Send(60, 1, 0));
        Do(u, "sendrec(60,0) user to remote user", driver => driver.SendReceive(60, 1, 0));
        Disconnect(a);
        ShowView("nodes");
        ShowView("DC0/procs");
    }

    private void Send(Actor a)
    {
        Do(a, "send(5,41,-1)", driver => driver.Send(5, 41, -1));
        ShowProcesses(3, 5);
        Fetch(1000);
        ShowProcess(3, " after get2rmt");
        Deliver("SEND_ACK 5->3 rcode 0", () => Answer(CommandCode.SendAck));
        Await(a);
        ShowProcesses(3, 5);
        Do(a, "send(5,42,-1)", driver => driver.Send(5, 42, -1));
        Fetch(1000);
        Deliver("SEND_ACK rcode EDVSDSTDIED", () => Answer(CommandCode.SendAck, DestinationDied));
        Await(a);
        Do(a, "send(5,43,200) no answer", driver => driver.Send(5, 43, 200));
        Fetch(500);
        Do(Receiver, "put2lcl(SEND_ACK) too late", driver => driver.PutToLocal(Answer(CommandCode.SendAck)));
        Do(a, "send(5,44,200) not even fetched", driver => driver.Send(5, 44, 200));
        Fetch(200);
        ShowProcess(3);
        Do(a, "send(5,45,0)", driver => driver.Send(5, 45, 0));
        Fetch(200);
        ShowProcess(3);
    }

    private void SendReceive(Actor a)
    {
        Do(a, "sendrec(5,46,-1)", driver => driver.SendReceive(5, 46, -1));
        Fetch(1000);
        ShowProcess(3, " in sendrec");
        Deliver("REPLY_MSG 5->3", () => Command(CommandCode.ReplyMessage, 5, 3));
        Await(a);
        Fetch(500, " the SEND_ACK");
        Fetch(100);
        Do(a, "sendrec(5,47,-1)", driver => driver.SendReceive(5, 47, -1));
        Fetch(1000);
        Deliver("SNDREC_ACK rcode EDVSDSTDIED", () => Answer(CommandCode.SendReceiveAck, DestinationDied));
        Await(a);
        Do(a, "sendrec(5,48,-1)", driver => driver.SendReceive(5, 48, -1));
        Fetch(1000);
        Do(Receiver, "put2lcl(SEND_MSG 5->3) as an answer to sendrec", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
        Await(a);
        Fetch(500);
    }

    private void NotifyAndReply(Actor a)
    {
        foreach (var value in (int[])[9, -1])
        {
            Do(a, $"notify(SELF,5,{value})", driver => driver.Notify(Self, 5, value));
            Fetch(500);
            Await(a);
        }

        Do(a, "reply(5,49,-1) it does not wait", driver => driver.Reply(5, 49, -1));
        Fetch(300);
        Deliver("REPLY_ACK rcode 0", () => Answer(CommandCode.ReplyAck));
        Await(a);
        Deliver("SEND_ACK rcode 0", () => Answer(CommandCode.SendAck));
        Await(a);
    }

    private void Receive(Actor a)
    {
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Deliver("SEND_MSG 5->3", () => Command(CommandCode.SendMessage, 5, 3));
        Await(a);
        Fetch(500);
        Do(Receiver, "put2lcl(SEND_MSG 5->3) nobody waits", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
        ShowProcess(5, " queued");
        Do(Receiver, "put2lcl(SEND_MSG 5->3) once more", driver => driver.PutToLocal(Command(CommandCode.SendMessage, 5, 3)));
        Fetch(100);
        Do(a, "receive(5,0)", driver => driver.Receive(5, 0));
        Fetch(500, " the SEND_ACK");
        ShowProcess(5);
    }

    private void ReceiveRequest(Actor a)
    {
        Do(a, "receive(ANY,-1)", driver => driver.Receive(Any, -1));
        Deliver("SNDREC_MSG 5->3", () => Command(CommandCode.SendReceiveMessage, 5, 3));
        Await(a);
        ShowProcess(5, " waiting for reply");
        Fetch(100);
        Do(a, "reply(5,51,-1)", driver => driver.Reply(5, 51, -1));
        Fetch(500);
        Deliver("SEND_ACK 5->3", () => Answer(CommandCode.SendAck));
        Await(a);
        ShowProcess(5);
    }

    private void ReceiveNotifications(Actor a)
    {
        Do(Receiver, "put2lcl(NTFY_MSG 5->3) nobody waits", driver => driver.PutToLocal(Command(CommandCode.NotifyMessage, 5, 3, result: -1)));
        Do(a, "receive(ANY,0)", driver => driver.ReceiveNotification(Any, 0));
        Do(a, "receive(ANY,-1)", driver => driver.ReceiveNotification(Any, -1));
        Do(Receiver, "put2lcl(NTFY_MSG 5->3) it waits", driver => driver.PutToLocal(Command(CommandCode.NotifyMessage, 5, 3, result: -1)));
        Await(a);
        Fetch(100);
    }

    private void Disconnect(Actor a)
    {
        Do(a, "send(5,52,-1)", driver => driver.Send(5, 52, -1));
        Connect(1, 3, " sender disconnects, nothing fetched");
        Await(a);
        ShowProcess(3);
        Connect(1, 1);
        Do(a, "send(5,53,-1)", driver => driver.Send(5, 53, -1));
        Fetch(500);
        Connect(1, 3, " sender disconnects, fetched");
        Await(a);
        Connect(1, 4, " receiver disconnects, fetched");
        Await(a);
        ShowProcess(3);
        Connect(1, 1);
        Connect(1, 2);
        Do(a, "sendrec(5,54,-1)", driver => driver.SendReceive(5, 54, -1));
        Fetch(500);
        Connect(1, 4, " receiver disconnects, in sendrec");
        Await(a);
        ShowProcess(3);
        Connect(1, 2);
        Do(a, "receive(5,-1) a remote one", driver => driver.Receive(5, -1));
        Connect(1, 4, " receiver disconnects");
        Await(a);
        Connect(1, 2);
        Do(a, "receive(5,-1) a remote one", driver => driver.Receive(5, -1));
        Do("unbind(0,5) the remote one", driver => driver.Unbind(0, 5));
        Await(a);
    }
}
