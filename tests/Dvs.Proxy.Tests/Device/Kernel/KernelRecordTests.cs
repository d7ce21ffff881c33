using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Device.Kernel.Records;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Device.Kernel;

/// <summary>The driver's records, each field with a number of its own: none is read from a neighbour, and none is believed that makes no sense.</summary>
public class KernelRecordTests
{
    [Fact]
    public void Every_field_of_a_node_comes_from_its_own_place()
    {
        AssertNode<uint>();
        AssertNode<ulong>();
    }

    [Fact]
    public void Times_before_1970_are_negative_in_either_data_model()
    {
        var narrow = new NodeRecord<uint> { LastSent = { Seconds = uint.MaxValue, Nanoseconds = 5 }, LastReceived = { Seconds = int.MaxValue } };
        var wide = new NodeRecord<ulong> { LastSent = { Seconds = ulong.MaxValue, Nanoseconds = 5 }, LastReceived = { Seconds = uint.MaxValue } };

        Assert.Equal((new Timestamp(-1, 5), new Timestamp(int.MaxValue, 0)), (DvkRecordReader.ToInfo(narrow).LastSent, DvkRecordReader.ToInfo(narrow).LastReceived));
        Assert.Equal((new Timestamp(-1, 5), new Timestamp(uint.MaxValue, 0)), (DvkRecordReader.ToInfo(wide).LastSent, DvkRecordReader.ToInfo(wide).LastReceived));
    }

    [Fact]
    public void Every_field_of_a_process_comes_from_its_own_place()
    {
        AssertProcess<uint>();
        AssertProcess<ulong>();
    }

    [Fact]
    public void Limits_and_containers_come_back_as_they_went()
    {
        AssertRoundTrips<uint>();
        AssertRoundTrips<ulong>();
    }

    [Theory]
    [InlineData(nameof(DvsRecord<nuint>.MaxNodes), 1, 64)]
    [InlineData(nameof(DvsRecord<nuint>.MaxDcs), 1, 64)]
    [InlineData(nameof(DvsRecord<nuint>.MaxProcesses), 29, short.MaxValue)]
    [InlineData(nameof(DvsRecord<nuint>.MaxTasks), 0, 64)]
    [InlineData(nameof(DvsRecord<nuint>.MaxSystemProcesses), 35, 35 + 221)]
    [InlineData(nameof(DvsRecord<nuint>.MaxCopyBuffer), 1, 65_536)]
    [InlineData(nameof(DvsRecord<nuint>.MaxCopyLength), 65_536, int.MaxValue)]
    [InlineData(nameof(DvsRecord<nuint>.ProcessSlotSize), -1, 1 << 20)]
    public void A_limit_at_its_bound_is_believed_and_one_beyond_is_not(string field, int least, int most)
    {
        least = least == -1 ? Unsafe.SizeOf<ProcessRecord<nuint>>() : least;
        Assert.Null(Check(field, least));
        Assert.Null(Check(field, most));
        Assert.Equal(DvkUnavailableReason.ImplausibleInfo, Check(field, least - 1)?.Reason);
        if (most != int.MaxValue)
        {
            Assert.Equal(DvkUnavailableReason.ImplausibleInfo, Check(field, most + 1)?.Reason);
        }
    }

    [Fact]
    public void A_driver_that_does_not_tell_the_size_of_its_slots_is_believed() => Assert.Null(Check(nameof(DvsRecord<nuint>.ProcessSlotSize), 0));

    private static void AssertNode<TWord>()
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        var record = new NodeRecord<TWord>
        {
            NodeId = 1,
            Flags = TWord.CreateTruncating(14),
            ProxyId = 3,
            Dcs = TWord.CreateTruncating(0x8000_0004),
            LastSent = { Seconds = TWord.CreateTruncating(5), Nanoseconds = TWord.CreateTruncating(6) },
            LastReceived = { Seconds = TWord.CreateTruncating(7), Nanoseconds = TWord.CreateTruncating(8) },
            CommandsSent = TWord.CreateTruncating(0x9000_0000),
            CommandsReceived = TWord.CreateTruncating(10),
        };
        DvkText.Write(record.Name, "node1");

        Assert.Equivalent(
            new NodeInfo
            {
                NodeId = 1,
                Flags = NodeFlags.Attached | NodeFlags.SenderConnected | NodeFlags.ReceiverConnected,
                ProxyId = 3,
                Dcs = 0x8000_0004,
                LastSent = new Timestamp(5, 6),
                LastReceived = new Timestamp(7, 8),
                CommandsSent = 0x9000_0000,
                CommandsReceived = 10,
                Name = "node1",
            },
            DvkRecordReader.ToInfo(record));
    }

    private static void AssertProcess<TWord>()
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        var record = new ProcessRecord<TWord>
        {
            Number = 1,
            Endpoint = 2,
            DcId = 3,
            Status = TWord.CreateTruncating(8),
            LinuxProcessId = 5,
            VirtualProcessId = 6,
            NodeId = 7,
            NodeMap = TWord.CreateTruncating(0x8000_0008),
            MiscFlags = TWord.CreateTruncating(1),
            ReceivesFrom = 10,
            SendsTo = 11,
            WaitsForMigration = 12,
            WaitsForUnbind = 13,
            ProxyId = 14,
            LocalSent = TWord.CreateTruncating(15),
            RemoteSent = TWord.CreateTruncating(16),
            LocalCopies = TWord.CreateTruncating(17),
            RemoteCopies = TWord.CreateTruncating(0x9000_0012),
        };
        DvkText.Write(record.Name, "process");

        Assert.Equivalent(
            new ProcessInfo
            {
                Number = 1,
                Endpoint = 2,
                DcId = 3,
                Status = ProcessStatus.Receiving,
                LinuxProcessId = 5,
                VirtualProcessId = 6,
                NodeId = 7,
                NodeMap = 0x8000_0008,
                MiscFlags = ProcessMiscFlags.Proxy,
                ReceivesFrom = 10,
                SendsTo = 11,
                WaitsForMigration = 12,
                WaitsForUnbind = 13,
                ProxyId = 14,
                LocalSent = 15,
                RemoteSent = 16,
                LocalCopies = 17,
                RemoteCopies = 0x9000_0012,
                Name = "process",
            },
            DvkRecordReader.ToInfo(record));
    }

    private static void AssertRoundTrips<TWord>()
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        var dvs = new DvsInfo
        {
            Name = "dvs",
            MaxDcs = 1,
            MaxNodes = 2,
            MaxProcesses = 3,
            MaxTasks = 4,
            MaxSystemProcesses = 5,
            MaxCopyBuffer = 6,
            MaxCopyLength = 7,
            DebugLevel = 0x8000_0008,
            Version = 9,
            Flags = 0x8000_000A,
            ProcessSlotSize = 11,
        };
        var dvsRecord = DvkRecordReader.FromInfo<TWord>(dvs);
        Assert.Equal(
            (1, 2, 3, 4, 5, 6, 7, 9, 11),
            (dvsRecord.MaxDcs, dvsRecord.MaxNodes, dvsRecord.MaxProcesses, dvsRecord.MaxTasks, dvsRecord.MaxSystemProcesses, dvsRecord.MaxCopyBuffer, dvsRecord.MaxCopyLength, dvsRecord.Version, dvsRecord.ProcessSlotSize));
        Assert.Equal(dvs, DvkRecordReader.ToInfo(dvsRecord));

        var dc = new DcInfo
        {
            DcId = 1,
            Flags = DcFlags.Free,
            MaxProcesses = 3,
            MaxTasks = 4,
            MaxSystemProcesses = 5,
            MaxNodes = 6,
            Nodes = 0x8000_0007,
            WarnEndpoint = 8,
            WarnMessageType = 9,
            ProcessId = 10,
            Name = "dc",
        };
        var dcRecord = DvkRecordReader.FromInfo<TWord>(dc);
        Assert.Equal(
            (1, 3, 4, 5, 6, 8, 9, 10),
            (dcRecord.DcId, dcRecord.MaxProcesses, dcRecord.MaxTasks, dcRecord.MaxSystemProcesses, dcRecord.MaxNodes, dcRecord.WarnEndpoint, dcRecord.WarnMessageType, dcRecord.ProcessId));
        Assert.Equal(dc, DvkRecordReader.ToInfo(dcRecord));
    }

    // The classic limits, but for one.
    private static DvkUnavailableException? Check(string field, int value)
    {
        object record = DvkRecordReader.FromInfo<nuint>(new DvsInfo { Version = DvsInfo.ReferenceVersion, ProcessSlotSize = 1024 });
        typeof(DvsRecord<nuint>).GetField(field)!.SetValue(record, value);
        var bytes = new byte[DvsRecordCheck.RoomForRecord];
        MemoryMarshal.Write(bytes, (DvsRecord<nuint>)record);
        return (DvkUnavailableException?)Record.Exception(() => DvsRecordCheck.Read(bytes, "/dev/dvk"));
    }
}
