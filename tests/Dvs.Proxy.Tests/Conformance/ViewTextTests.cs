using Dvs.Proxy.Conformance.Drivers;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>The id of every thread here is 64, and so is what is none.</summary>
public class ViewTextTests
{
    [Theory]
    [InlineData("info", "max_sys_procs=64\n", "max_sys_procs=64\n")]
    [InlineData("DC0/info", "nr_sysprocs=64\ndc_pid=64\nwarnmsg=64\n", "nr_sysprocs=64\ndc_pid=<x>\nwarnmsg=64\n")]
    [InlineData("DC0/ipcto", " 60 64 27342  0 XX\n", " 60 64 27342  0 XX\n")]
    [InlineData(
        "DC0/procs",
        "DC pnr -endp -lpid/vpid- nd flag\n 0  64    64    64/64     0   64 p64\n 0  64    64 4294967295/4294967295  1 1000\n",
        "DC pnr -endp -lpid/vpid- nd flag\n 0  64    64    <x>/<x>     0   64 p64\n 0  64    64 4294967295/4294967295  1 1000\n")]
    [InlineData("DC3/stats", " 0  -4    -4    64/64     0       64\n", " 0  -4    -4    <x>/<x>     0       64\n")]
    [InlineData("proxies/info", "Proxies Flags Sender Receiver\n     64    64     64       64        64 ----\n", "Proxies Flags Sender Receiver\n     64    64     <x>       <x>        64 ----\n")]
    [InlineData("proxies/procs", "64 send     64     64 64\n64 recv     -1     64\n", "64 send     <x>     64 64\n64 recv     -1     64\n")]
    public void Ids_are_replaced_in_the_columns_of_ids_only(string view, string text, string expected) =>
        Assert.Equal(expected, ViewText.ReplaceIds(view, text, static id => id == 64 ? "<x>" : $"{id}"));
}
