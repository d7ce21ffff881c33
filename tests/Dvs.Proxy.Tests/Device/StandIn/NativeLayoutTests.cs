using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Dvs.Proxy.Interop;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>What the compiler of this machine makes of C declarations: those of the stand-in, and libc's own.</summary>
public unsafe class NativeLayoutTests
{
    [Fact]
    public void The_stand_in_declares_what_the_tables_say()
    {
        var native = ReadNative();
        var table = LayoutTable.Load(nint.Size == sizeof(long) ? "lp64" : "ilp32");
        Assert.True(native.AllFields.Count > 150);
        Assert.Empty(native.AllFields.Except(table.AllFields));
        Assert.Empty(native.Sizes.Except(table.Sizes));
        Assert.Equal(table.Calls.OrderBy(call => call.Key, StringComparer.Ordinal), native.Calls.OrderBy(call => call.Key, StringComparer.Ordinal));
    }

    /// <summary>Only the declarations are compiled: neither a 32-bit C library nor its headers are needed.</summary>
    [Fact]
    public void The_stand_in_built_for_32_bits_would_declare_what_the_tables_say()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "Only gcc for x86-64 also compiles for 32 bits.");
        var native = ReadNative();
        var table = LayoutTable.Load("ilp32");
        var source = new StringBuilder("#include <stddef.h>\n#include \"dvk_abi.h\"\n");
        foreach (var type in native.Sizes.Keys)
        {
            source.Append(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({type}) == {table.SizeOf(type)}, \"size of {type}\");\n");
        }

        var fields = table.AllFields.IntersectBy(native.AllFields.Select(field => field.Name), field => field.Name).ToArray();
        Assert.Equal(native.AllFields.Count, fields.Length);
        foreach (var (name, offset, size) in fields)
        {
            // message.m1.m1i1 is m_u.m_m1.m1i1 of the struct.
            var parts = name.Split('.');
            var (type, field) = (parts[0], parts.Length == 2 ? parts[1] : $"m_u.m_{parts[1]}.{parts[2]}");
            source.Append(CultureInfo.InvariantCulture, $"_Static_assert(offsetof({type}, {field}) == {offset}, \"offset of {name}\");\n");
            source.Append(CultureInfo.InvariantCulture, $"_Static_assert(sizeof((({type} *)0)->{field}) == {size}, \"size of {name}\");\n");
        }

        var (exitCode, messages) = CompileFor32Bits(source.ToString());
        Assert.True(exitCode == 0, messages);

        (exitCode, messages) = CompileFor32Bits(source.Replace("sizeof(message) == 36", "sizeof(message) == 32").ToString());
        Assert.NotEqual(0, exitCode);
        Assert.Contains("size of message", messages, StringComparison.Ordinal);
    }

    [Fact]
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

    private static LayoutTable ReadNative()
    {
        var library = NativeLibrary.Load(NativeStandIn.RequirePath());
        var write = (delegate* unmanaged<byte*, nuint, int>)NativeLibrary.GetExport(library, "dvk_standin_layout");
        var text = new byte[65_536];
        int length;
        fixed (byte* pointer = text)
        {
            length = write(pointer, (nuint)text.Length);
        }

        return LayoutTable.Parse(Encoding.ASCII.GetString(text, 0, length));
    }

    private static (int ExitCode, string Messages) CompileFor32Bits(string source)
    {
        // The headers of the 64-bit C library do for 32 bits, but for one that lists functions which are missing there.
        var stubs = Directory.CreateTempSubdirectory("dvk-32-");
        try
        {
            Directory.CreateDirectory(Path.Combine(stubs.FullName, "gnu"));
            File.WriteAllText(Path.Combine(stubs.FullName, "gnu", "stubs-32.h"), "");
            var (_, machine) = CCompiler.Run(["-print-multiarch"]);
            return CCompiler.Run(
                [
                    "-m32", "-fsyntax-only", "-std=gnu11", "-I", Path.Combine(RepositoryRoot.Path, "tests", "native"), "-I", stubs.FullName,
                    "-idirafter", $"/usr/include/{machine.Trim()}", "-x", "c", "-",
                ],
                source);
        }
        finally
        {
            stubs.Delete(recursive: true);
        }
    }
}
