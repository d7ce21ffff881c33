using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>
/// bind, unbind, getep and wait4bind. One thread binds two endpoints here, which the real driver allows and which then hangs in unbind. Waits for an unbind
/// are in section S.
/// </summary>
internal sealed class BindingSection() : Section("D", "bind, unbind, getep, wait4bind", SectionHazard.MayHangAny)
{
    protected override void Play()
    {
        StartNode();
        BindPair();
        var (a, b, c) = (StartActor("a"), StartActor("b"), StartActor("c"));
        BindOwnThread(a, b);
        BindOtherThreads(a, c);
        BindRemotes();
        Wait(a);
        var w = StartActor("w");
        Do(w, "wait4bind(BIND,SELF,-1)", driver => driver.WaitForBind(WaitForBindKind.Bind, Self, -1));
        Do("bind(LOCAL,0,13,<w>)", driver => driver.Bind(BindRequest.Local(0, 13, w.Id)));
        Await(w);
        Unbind(a, b);
        End(c, "thread c (7) ends");
        ShowProcess(7, " after its thread ended");
        BindOtherKinds(a, b, w);
        ShowDc(0);
    }

    private void BindOwnThread(Actor a, Actor b)
    {
        Do(a, "bind(SELF,dc -1,5)", driver => driver.BindSelf(-1, 5));
        Do(a, "bind(SELF,dc 32,5)", driver => driver.BindSelf(32, 5));
        Do(a, "bind(SELF,dc 3 not running,5)", driver => driver.BindSelf(3, 5));
        Do(a, "bind(SELF,0,221)", driver => driver.BindSelf(0, 221));
        Do(a, "bind(SELF,0,-36)", driver => driver.BindSelf(0, -36));
        Do(a, "bind(SELF,0,ANY)", driver => driver.BindSelf(0, Any));
        Do(a, "bind(SELF,0,NONE)", driver => driver.BindSelf(0, None));
        Do(a, "bind(how=6)", driver => driver.Bind(new BindRequest((BindKind)6, 0, 5)));
        Do(a, "bind(how=-1)", driver => driver.Bind(new BindRequest((BindKind)(-1), 0, 5)));
        Do("getep(<a>) not bound", driver => driver.GetEndpoint(a.Id));
        Do(a, "bind(SELF,0,5)", driver => driver.BindSelf(0, 5));
        Do("getep(<a>)", driver => driver.GetEndpoint(a.Id));
        Do(a, "getep(<a>) by itself", driver => driver.GetEndpoint(a.Id));
        Do("getep(999999)", driver => driver.GetEndpoint(999_999));
        Do("getep(main thread, not bound)", driver => driver.GetEndpoint(driver.Device.CurrentThreadId));
        ShowProcess(5);
        Do(a, "bind(SELF,0,6) bound already", driver => driver.BindSelf(0, 6));
        Do(a, "bind(SELF,0,5) bound already", driver => driver.BindSelf(0, 5));
        Do(b, "bind(SELF,0,5) slot used", driver => driver.BindSelf(0, 5));
        Do(b, "bind(SELF,0,-3) a task", driver => driver.BindSelf(0, -3));
        Do("getep(<b>)", driver => driver.GetEndpoint(b.Id));
        ShowProcess(-3);
    }

    private void BindOtherThreads(Actor a, Actor c)
    {
        Do("bind(LOCAL,0,7,<c>)", driver => driver.Bind(BindRequest.Local(0, 7, c.Id)));
        ShowProcess(7);
        Do("bind(LOCAL,0,8,999999)", driver => driver.Bind(BindRequest.Local(0, 8, 999_999)));
        Do("bind(LOCAL,0,8,0)", driver => driver.Bind(BindRequest.Local(0, 8, 0)));
        Do("bind(LOCAL,0,8,<a>) bound already", driver => driver.Bind(BindRequest.Local(0, 8, a.Id)));
    }

    private void BindRemotes()
    {
        Remote("9,node 1", 9, 1, "nine");
        ShowProcess(9);
        Remote("9,node 1", 9, 1, "nine", " again");
        Remote("10,node 0 local", 10, 0, "x");
        Remote("10,node 2 not in DC", 10, 2, "x");
        Remote("10,node 32", 10, 32, "x");
        Remote("10,node -1", 10, -1, "x");
        Remote("5,node 1", 5, 1, "x", " slot used by a local");
        Remote("40,node 1", 40, 1, "forty", " user slot");
        Remote("220,node 1", 220, 1, "last");
        Remote("221,node 1", 221, 1, "x");
        Remote("-4,node 1", -4, 1, "rt", " task");
        Remote("35910 (gen 1 of 60),node 1", SecondGeneration(60), 1, "gen1");
        ShowProcess(60);
        ShowView("DC0/procs");
        ShowView("DC0/info");
    }

    private void Wait(Actor a)
    {
        Do(a, "wait4bind(BIND,SELF,0)", driver => driver.WaitForBind(WaitForBindKind.Bind, Self, 0));
        Do(a, "wait4bind(BIND,9,0)", driver => driver.WaitForBind(WaitForBindKind.Bind, 9, 0));
        Do(a, "wait4bind(BIND,-3,0)", driver => driver.WaitForBind(WaitForBindKind.Bind, -3, 0));
        Do(a, "wait4bind(BIND,11,0) not bound", driver => driver.WaitForBind(WaitForBindKind.Bind, 11, 0));
        Do(a, "wait4bind(BIND,11,200)", driver => driver.WaitForBind(WaitForBindKind.Bind, 11, 200));
        Do(a, "wait4bind(UNBIND,11,0) not bound", driver => driver.WaitForBind(WaitForBindKind.Unbind, 11, 0));
        Do(a, "wait4bind(UNBIND,9,0)", driver => driver.WaitForBind(WaitForBindKind.Unbind, 9, 0));
        for (var i = 0; i < 3; i++)
        {
            Note("(left out here: see section S)");
        }

        Do("wait4bind(BIND,SELF,100) by an unbound thread", driver => driver.WaitForBind(WaitForBindKind.Bind, Self, 100));
        Do("wait4bind(BIND,5,0) by an unbound thread", driver => driver.WaitForBind(WaitForBindKind.Bind, 5, 0));
        Do(a, "wait4bind(BIND,12,-1)", driver => driver.WaitForBind(WaitForBindKind.Bind, 12, -1));
        Remote("12,node 1", 12, 1, "twelve");
        Await(a);
        Note("(left out)");
        Do("unbind(0,12)", driver => driver.Unbind(0, 12));
        Await(a);
    }

    private void Unbind(Actor a, Actor b)
    {
        Do("unbind(0,12) not bound", driver => driver.Unbind(0, 12));
        Do("unbind(32,5)", driver => driver.Unbind(32, 5));
        Do("unbind(-1,5)", driver => driver.Unbind(-1, 5));
        Do("unbind(3,5) dc not running", driver => driver.Unbind(3, 5));
        Do("unbind(0,221)", driver => driver.Unbind(0, 221));
        Do("unbind(0,9)", driver => driver.Unbind(0, 9));
        Do("unbind(0,60) wrong generation", driver => driver.Unbind(0, 60));
        Do("unbind(0,gen1 of 60)", driver => driver.Unbind(0, SecondGeneration(60)));
        Do(a, "unbind(0,5) by itself", driver => driver.Unbind(0, 5));
        ShowProcess(5);
        Do("getep(<a>)", driver => driver.GetEndpoint(a.Id));
        Do(a, "unbind(0,5) again", driver => driver.Unbind(0, 5));
        Do(a, "bind(SELF,0,5) again", driver => driver.BindSelf(0, 5));
        Do(a, "unbind(0,5)", driver => driver.Unbind(0, 5));
        Do(b, "unbind(0,-3)", driver => driver.Unbind(0, -3));
    }

    private void BindOtherKinds(Actor a, Actor b, Actor w)
    {
        Do("bind(BACKUP,0,14,<a>,node 1)", driver => driver.Bind(new BindRequest(BindKind.Backup, 0, 14, a.Id, 1)));
        ShowProcess(14);
        Do("bind(REPLICA,0,15,<b>,node -1)", driver => driver.Bind(new BindRequest(BindKind.Replica, 0, 15, b.Id, -1)));
        ShowProcess(15);
        Do(w, "unbind(0,13)", driver => driver.Unbind(0, 13));
        Do(w, "bind(USERMODE,0,16,self)", driver => driver.Bind(new BindRequest(BindKind.UserMode, 0, 16, w.Id, -1)));
        ShowProcess(16);
        Do(w, "unbind(0,16)", driver => driver.Unbind(0, 16));
    }

    private void Remote(string what, int endpoint, int node, string name, string remark = "") =>
        Do($"bind(REMOTE,0,{what}){remark}", driver => driver.Bind(BindRequest.Remote(0, endpoint, node, name)));

    private static int SecondGeneration(int number) => EndpointNumber.ToEndpoint(number, 1, 35);
}
