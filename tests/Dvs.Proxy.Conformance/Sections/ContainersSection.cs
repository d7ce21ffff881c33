using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Conformance.Sections;

/// <summary>DCs that start, end and start again.</summary>
internal sealed class ContainersSection() : Section("B", "DCs", SectionHazard.None)
{
    protected override void Play()
    {
        InitializeDvs();
        ShowDc(0, " not running");
        ShowDc(-1);
        ShowDc(32);
        Do("dc_end(0) not running", driver => driver.EndDc(0));
        Do("dc_end(-1)", driver => driver.EndDc(-1));
        Do("dc_end(32)", driver => driver.EndDc(32));
        Start("-1", NewDc(-1));
        Start("32", NewDc(32));
        Start("0, procs=0", NewDc(0) with { MaxProcesses = 0 });
        Start("0, procs=222", NewDc(0) with { MaxProcesses = 222 });
        Start("0, tasks=36", NewDc(0) with { MaxTasks = 36 });
        Start("0, tasks=-1", NewDc(0) with { MaxTasks = -1 });
        Start("0, sysprocs=65", NewDc(0) with { MaxSystemProcesses = 65 });
        Start("0, sysprocs=35", NewDc(0) with { MaxSystemProcesses = 35 });
        Start("0, nodes=33", NewDc(0) with { MaxNodes = 33 });
        Start("0, nodes=0", NewDc(0) with { MaxNodes = 0 });
        Start("0, defaults", NewDc(0));
        ShowDc(0);
        Start("0", NewDc(0), " again");
        Start("1, same name DC0", NewDc(1) with { Name = "DC0" });
        Start("1, small: procs 30 tasks 35 sys 40 nodes 2", NewDc(1) with { MaxProcesses = 30, MaxSystemProcesses = 40, MaxNodes = 2 });
        ShowDc(1);
        Start("2, name empty", NewDc(2) with { Name = "" });
        ShowDc(2);
        ShowNode(0);
        foreach (var view in (string[])["info", "nodes", "DC0/info", "DC0/procs"])
        {
            ShowView(view);
        }

        Do("dc_end(1)", driver => driver.EndDc(1));
        ShowDc(1);
        Do("dc_end(1) again", driver => driver.EndDc(1));
        Start("1", NewDc(1), " again");
        Do("dc_end(1)", driver => driver.EndDc(1));
        ShowProcesses(0, -35, -36, 220, 221);
        ShowProcess(0, dc: 5);
        ShowProcess(0, dc: 32);
        EndDvs();
        ShowDc(0, " after dvs_end");
    }

    private void Start(string what, DcInfo dc, string remark = "") => Do($"dc_init({what}){remark}", driver => driver.StartDc(dc));
}
