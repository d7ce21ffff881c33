using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol;

/// <summary>The layouts against the compiler's tables: a field is written alone, and must fill exactly its place.</summary>
public class LayoutTests
{
    private delegate void Setter(ref CommandHeader header);

    public static TheoryData<DataModel> Models => [DataModel.Lp64, DataModel.Ilp32];

    [Theory]
    [MemberData(nameof(Models))]
    public void Sizes_are_the_compilers(DataModel model)
    {
        var table = Vectors.Table(model);
        var layout = WireLayout.For(model);
        Assert.Equal(table["cmd_t"].Size, layout.HeaderSize);
        Assert.Equal(table["message.m_u"].Size, layout.MessageBodySize);
        Assert.Equal(WireLimits.DefaultMaxPayload, table["proxy_payload_t"].Size);
        Assert.Equal(table["MAXBATCMD"].Size, WireLimits.MaxBatchCommands(layout));
        if (model == DataModel.Lp64)
        {
            Assert.Equal(table["cmd_t"].Size, Unsafe.SizeOf<CommandHeader>());
            Assert.Equal(table["message"].Size, Unsafe.SizeOf<Message>());
            Assert.Equal(table["vcopy_t"].Size, Unsafe.SizeOf<CopyDescriptor>());
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_header_field_is_where_the_compiler_puts_it(DataModel model)
    {
        var table = Vectors.Table(model);
        var message = table["cmd_t.c_msg"].Offset;
        var copy = table["cmd_t.c_vcopy"].Offset;
        var seen = new HashSet<string>();

        void Check(string field, int offset, int size, Setter set)
        {
            CommandHeader header = default;
            set(ref header);
            AssertOnly(model, in header, offset, size);
            seen.Add(field);
        }

        void Field(string field, Setter set) => Check(field, table[field].Offset, table[field].Size, set);
        void InMessage(string field, Setter set) => Check(field, message + table[field].Offset, table[field].Size, set);
        void InCopy(string field, Setter set) => Check(field, copy + table[field].Offset, table[field].Size, set);

        Field("cmd_t.c_cmd", (ref h) => h.Command = (CommandCode)(-1));
        Field("cmd_t.c_dcid", (ref h) => h.DcId = -1);
        Field("cmd_t.c_src", (ref h) => h.SourceEndpoint = -1);
        Field("cmd_t.c_dst", (ref h) => h.DestinationEndpoint = -1);
        Field("cmd_t.c_snode", (ref h) => h.SourceNode = -1);
        Field("cmd_t.c_dnode", (ref h) => h.DestinationNode = -1);
        Field("cmd_t.c_rcode", (ref h) => h.ResultCode = -1);
        Field("cmd_t.c_len", (ref h) => h.PayloadLength = -1);
        Field("cmd_t.c_pid", (ref h) => h.ProcessId = -1);
        Field("cmd_t.c_batch_nr", (ref h) => h.BatchCount = -1);
        Field("cmd_t.c_flags", (ref h) => h.Flags = (CommandFlags)ulong.MaxValue);
        Field("cmd_t.c_snd_seq", (ref h) => h.SendSequence = ulong.MaxValue);
        Field("cmd_t.c_ack_seq", (ref h) => h.AcknowledgeSequence = ulong.MaxValue);
        Field("cmd_t.c_timestamp", (ref h) => h.Timestamp = new Timestamp(-1, -1));
        InMessage("message.m_source", (ref h) => h.Message.Source = -1);
        InMessage("message.m_type", (ref h) => h.Message.Type = -1);
        InMessage("message.m_u", (ref h) => h.Message.Body.Bytes.Fill(255));
        InCopy("vcopy_t.v_src", (ref h) => h.Copy.SourceEndpoint = -1);
        InCopy("vcopy_t.v_dst", (ref h) => h.Copy.DestinationEndpoint = -1);
        InCopy("vcopy_t.v_rqtr", (ref h) => h.Copy.RequesterEndpoint = -1);
        InCopy("vcopy_t.v_saddr", (ref h) => h.Copy.SourceAddress = ulong.MaxValue);
        InCopy("vcopy_t.v_daddr", (ref h) => h.Copy.DestinationAddress = ulong.MaxValue);
        InCopy("vcopy_t.v_bytes", (ref h) => h.Copy.Length = -1);

        var all = table.Keys.Where(name => name.StartsWith("cmd_t.", StringComparison.Ordinal)
            || name.StartsWith("vcopy_t.", StringComparison.Ordinal) || name.StartsWith("message.m_", StringComparison.Ordinal));
        Assert.Empty(all.Except(seen).Except(["cmd_t.c_msg", "cmd_t.c_vcopy"]));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_message_form_is_where_the_compiler_puts_it(DataModel model)
    {
        var table = Vectors.Table(model);
        var seen = new HashSet<string>();
        var full = new MessageBytes(Enumerable.Repeat((byte)255, 32).ToArray());

        void Form<T>(string form, Func<Message, T> read, Action<T, IntoMessage> write, params (string Field, T Value)[] fields)
            where T : struct
        {
            foreach (var (field, value) in fields)
            {
                var holder = new IntoMessage();
                write(value, holder);
                var (offset, size) = table[$"message.{form}.{form}{field}"];
                CommandHeader header = default;
                header.Message = holder.Message;
                AssertOnly(model, in header, table["cmd_t.c_msg"].Offset + offset, size);

                // Read and write again: what was read is what was written.
                var again = new IntoMessage();
                write(read(holder.Message), again);
                Assert.Equal(holder.Message, again.Message);
                Assert.NotEqual(default, read(holder.Message));
                seen.Add($"message.{form}.{form}{field}");
            }
        }

        const ulong Pointer = ulong.MaxValue;
        Form("m1", m => MessageM1.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("i3", new() { I3 = -1 }),
            ("p1", new() { P1 = Pointer }), ("p2", new() { P2 = Pointer }), ("p3", new() { P3 = Pointer }));
        Form("m2", m => MessageM2.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("i3", new() { I3 = -1 }),
            ("l1", new() { L1 = -1 }), ("l2", new() { L2 = -1 }), ("p1", new() { P1 = Pointer }));
        Form("m3", m => MessageM3.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("p1", new() { P1 = Pointer }), ("ca1", new() { Ca1 = full }));
        Form("m4", m => MessageM4.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("l1", new() { L1 = -1 }), ("l2", new() { L2 = -1 }), ("l3", new() { L3 = -1 }), ("l4", new() { L4 = -1 }), ("l5", new() { L5 = -1 }));
        Form("m5", m => MessageM5.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("c1", new() { C1 = -1 }), ("c2", new() { C2 = -1 }), ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }),
            ("l1", new() { L1 = -1 }), ("l2", new() { L2 = -1 }), ("l3", new() { L3 = -1 }));
        Form("m6", m => MessageM6.Read(in m, model), (v, m) => v.Write(ref m.Message, model), ("ca1", new() { Ca1 = full }));
        Form("m7", m => MessageM7.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("i3", new() { I3 = -1 }), ("i4", new() { I4 = -1 }),
            ("p1", new() { P1 = Pointer }), ("p2", new() { P2 = Pointer }));
        Form("m8", m => MessageM8.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("p1", new() { P1 = Pointer }), ("p2", new() { P2 = Pointer }),
            ("p3", new() { P3 = Pointer }), ("p4", new() { P4 = Pointer }));
        Form("m9", m => MessageM9.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("l1", new() { L1 = -1 }), ("t1", new() { T1 = new Timestamp(-1, -1) }));
        Form("mA", m => MessageMA.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("dst", new() { Dst = -1 }), ("nr", new() { Nr = -1 }), ("ia", new() { Ia0 = -1, Ia1 = -1, Ia2 = -1, Ia3 = -1 }));
        Form("mB", m => MessageMB.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("nr", new() { Nr = -1 }), ("md5", new() { Md5 = full }));
        Form("mC", m => MessageMC.Read(in m, model), (v, m) => v.Write(ref m.Message, model),
            ("i1", new() { I1 = -1 }), ("i2", new() { I2 = -1 }), ("i3", new() { I3 = -1 }), ("i4", new() { I4 = -1 }), ("ca1", new() { Ca1 = full }));

        var all = table.Keys.Where(name => name.StartsWith("message.m", StringComparison.Ordinal)
            && !name.StartsWith("message.m_", StringComparison.Ordinal));
        Assert.Empty(all.Except(seen));
    }

    [Fact]
    public void Array_elements_of_form_A_are_in_order()
    {
        Message message = default;
        new MessageMA(1, 2, 3, 4, 5, 6).Write(ref message, DataModel.Ilp32);
        for (var index = 0; index < 6; index++)
        {
            Assert.Equal(index + 1, BinaryPrimitives.ReadInt32LittleEndian(message.Body.ReadOnlyBytes[(4 * index)..]));
        }
    }

    [Fact]
    public void Text_in_a_message_is_a_C_string()
    {
        var name = MessageBytes.FromText("a-name-of-a-process", 14);
        Assert.Equal("a-name-of-a-p", name.ToString());
        Assert.Equal(0, name.Span[13]);
        Assert.Equal("ña", MessageBytes.FromText("ñandú", 4).ToString());
        Assert.Equal("", MessageBytes.FromText("ñandú", 2).ToString());
        Assert.Equal(14, name.Length);
        Assert.Equal(MessageBytes.FromText("x", 14), MessageBytes.FromText("x", 14));
        Assert.NotEqual(MessageBytes.FromText("x", 14), MessageBytes.FromText("y", 14));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MessageBytes(new byte[33]));
    }

    private static void AssertOnly(DataModel model, in CommandHeader header, int offset, int size)
    {
        var layout = WireLayout.For(model);
        var bytes = new byte[layout.HeaderSize];
        layout.Write(bytes, in header);
        var expected = new byte[layout.HeaderSize];
        expected.AsSpan(offset, size).Fill(255);
        Assert.Equal(expected, bytes);

        layout.Read(bytes, out var read);
        var again = new byte[layout.HeaderSize];
        layout.Write(again, in read);
        Assert.Equal(bytes, again);
    }

    private sealed class IntoMessage
    {
        public Message Message;
    }
}
