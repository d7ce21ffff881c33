using System.Runtime.InteropServices;
using System.Text;
using Dvs.Proxy.Device.Kernel;

namespace Dvs.Proxy.Tests.Device;

/// <summary>What the compiler of this machine makes of C declarations: those of the stand-in, and libc's own.</summary>
public unsafe class NativeLayoutTests
{
    [SkippableFact]
    public void The_stand_in_declares_what_the_tables_say()
    {
        var library = NativeLibrary.Load(NativeStandIn.RequirePath());
        var write = (delegate* unmanaged<byte*, nuint, int>)NativeLibrary.GetExport(library, "dvk_standin_layout");
        var text = new byte[65_536];
        int length;
        fixed (byte* pointer = text)
        {
            length = write(pointer, (nuint)text.Length);
        }

        var native = LayoutTable.Parse(Encoding.ASCII.GetString(text, 0, length));
        var table = LayoutTable.Load(nint.Size == sizeof(long) ? "lp64" : "ilp32");
        Assert.True(native.AllFields.Count > 100);
        Assert.Empty(native.AllFields.Except(table.AllFields));
        Assert.Empty(native.Sizes.Except(table.Sizes));
        Assert.Equal(table.Calls.OrderBy(call => call.Key, StringComparer.Ordinal), native.Calls.OrderBy(call => call.Key, StringComparer.Ordinal));
    }

    [SkippableFact]
    public void The_signal_structs_are_those_of_libc()
    {
        var library = NativeLibrary.Load(NativeStandIn.RequirePath());
        var describe = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "dvk_standin_sigaction");
        SignalActionRecord record = default;
        var start = (byte*)&record;
        Assert.Equal(describe(0), sizeof(SignalActionRecord));
        Assert.Equal(describe(1), (int)((byte*)&record.Handler - start));
        Assert.Equal(describe(2), (int)((byte*)&record.Mask - start));
        Assert.Equal(describe(3), (int)((byte*)&record.Flags - start));
        Assert.Equal(describe(4), (int)((byte*)&record.Restorer - start));
        Assert.Equal(describe(5), sizeof(SignalSet));
        Assert.Equal(describe(6), SystemCallNumbers.GetThreadId);
        Assert.Equal(describe(7), SystemCallNumbers.SignalThread);
    }
}
