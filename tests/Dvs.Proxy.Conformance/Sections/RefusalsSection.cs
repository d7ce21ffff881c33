using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>What put2lcl refuses, and which refusals the driver tells the other node of.</summary>
internal sealed class RefusalsSection() : Section("H", "refusals of put2lcl", SectionHazard.HangsAsPublished)
{
    private const CommandCode Send = CommandCode.SendMessage;

    protected override void Play()
    {
        StartNode();
        BindPair();
        var a = BindProcess(3);
        BindProcess(40);
        BindRemote(5);
        BindRemote(60);
        RefuseAddresses();
        RefuseCommands();
        ShowProcesses(3, 5);
        RefuseAnswers(a);
        LoseConnection(a);
        LoseNode(a);
    }

    private void RefuseAddresses()
    {
        Put("dcid -1", Command(Send, 5, 3, dc: -1));
        Put("dcid 32", Command(Send, 5, 3, dc: 32));
        Put("dcid 4 not running", Command(Send, 5, 3, dc: 4));
        Put("dst 221", Command(Send, 5, 221));
        Put("dst -36", Command(Send, 5, -36));
        Put("src 221", Command(Send, 221, 3));
        Put("src -36", Command(Send, -36, 3));
        Put("snode 2 not in DC", Command(Send, 5, 3, sourceNode: 2));
        Put("snode 32", Command(Send, 5, 3, sourceNode: 32));
        Put("snode -1", Command(Send, 5, 3, sourceNode: -1));
        Put("snode 0 local", Command(Send, 5, 3, sourceNode: 0));
        Put("dnode 1", Command(Send, 5, 3, destinationNode: 1));
        Put("dnode -1", Command(Send, 5, 3, destinationNode: -1));
        Put("src 7 not bound", Command(Send, 7, 3));
        Put("src gen1 of 5", Command(Send, EndpointNumber.ToEndpoint(5, 1, 35), 3));
        Put("src 40 is local", Command(Send, 40, 3));
        Put("dst 8 not bound", Command(Send, 5, 8));
        Put("dst 60 is remote", Command(Send, 5, 60));
        Put("dst gen1 of 3", Command(Send, 5, EndpointNumber.ToEndpoint(3, 1, 35)));
        Put("user 60 -> user 40", Command(Send, 60, 40));
        Put("src 0x7ace ANY", Command(Send, Any, 3));
        Put("src NONE dst NONE", Command(Send, None, None));
    }

    private void RefuseCommands()
    {
        Put("cmd NONE", Command(CommandCode.None, 5, 3));
        Put("cmd HELLO", Command(CommandCode.Hello, 5, 3));
        Put("cmd SHUTDOWN", Command(CommandCode.Shutdown, 5, 3));
        Put("cmd 15", Command((CommandCode)15, 5, 3));
        Put("cmd 99", Command((CommandCode)99, 5, 3));
        Put("cmd PROCINFO", Command(CommandCode.ProcessInfo, 5, 3));
        Put("cmd PROCBIND", Command(CommandCode.ProcessBind, 5, 3));
        Put("SEND_ACK nobody sends", Command(CommandCode.SendAck, 5, 3));
        Put("SNDREC_ACK nobody sends", Command(CommandCode.SendReceiveAck, 5, 3));
        Put("NTFY_ACK", Command(CommandCode.NotifyAck, 5, 3));
        Put("REPLY_ACK", Command(CommandCode.ReplyAck, 5, 3));
        Put("COPYIN_ACK nobody copies", Command(CommandCode.CopyInAck, 5, 3));
        Put("COPYLCL_ACK nobody copies", Command(CommandCode.CopyLocalAck, 5, 3));
        Put("COPYRMT_ACK nobody copies", Command(CommandCode.CopyRemoteAck, 5, 3));
        Put("REPLY_MSG nobody waits", Command(CommandCode.ReplyMessage, 5, 3));
    }

    private void RefuseAnswers(Actor a)
    {
        Do(a, "send(5,61,-1)", driver => driver.Send(5, 61, -1));
        Fetch(500);
        var sent = Driver.LastCommand;
        BindRemote(6);
        Put("SEND_ACK from 6, 3 waits for 5", Command(CommandCode.SendAck, 6, 3));
        Put("SEND_ACK to 40 who does not wait", Command(CommandCode.SendAck, 5, 40));
        Put("COPYIN_ACK, 3 is in send", Command(CommandCode.CopyInAck, 5, 3));
        Deliver("SEND_ACK 5->3", () => Answer(sent, CommandCode.SendAck));
        Await(a);
        Do(Receiver, "put2lcl(SEND_ACK 5->3) twice", driver => driver.PutToLocal(Answer(sent, CommandCode.SendAck)));
    }

    private void LoseConnection(Actor a)
    {
        Connect(1, 4);
        Put("SEND_MSG receiver not connected", Command(Send, 5, 3));
        Connect(1, 2);
        Connect(1, 3);
        Put("SEND_MSG to 3 not waiting, sender not connected", Command(Send, 5, 3));
        Do(a, "receive(ANY,0)", driver => driver.Receive(Any, 0));
        Connect(1, 1);
        Fetch(200);
    }

    private void LoseNode(Actor a)
    {
        Do("del_node(0,1) while processes are bound there", driver => driver.RemoveNode(0, 1));
        ShowProcess(5);
        ShowDc(0);
        Put("SEND_MSG node not in DC any more", Command(Send, 5, 3));
        Do(a, "send(5,62,200)", driver => driver.Send(5, 62, 200));
    }

    private void Put(string what, CommandHeader header)
    {
        Do(Receiver, $"put2lcl {what}", driver => driver.PutToLocal(header));
        Do(Sender, "  get2rmt(150)", driver => driver.GetToRemote(150));
    }
}
