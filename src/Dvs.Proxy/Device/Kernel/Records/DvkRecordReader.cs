using System.Numerics;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel.Records;

/// <summary>Turns the driver's records into the library's, for either data model, and the two that go the other way back.</summary>
internal static class DvkRecordReader
{
    internal static DvsInfo ToInfo<TWord>(in DvsRecord<TWord> record)
        where TWord : unmanaged, IBinaryInteger<TWord> => new()
        {
            Name = DvkText.Read(record.Name),
            MaxDcs = record.MaxDcs,
            MaxNodes = record.MaxNodes,
            MaxProcesses = record.MaxProcesses,
            MaxTasks = record.MaxTasks,
            MaxSystemProcesses = record.MaxSystemProcesses,
            MaxCopyBuffer = record.MaxCopyBuffer,
            MaxCopyLength = record.MaxCopyLength,
            DebugLevel = ulong.CreateTruncating(record.DebugLevel),
            Version = record.Version,
            Flags = ulong.CreateTruncating(record.Flags),
            ProcessSlotSize = record.ProcessSlotSize,
        };

    internal static DvsRecord<TWord> FromInfo<TWord>(DvsInfo info)
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        var record = new DvsRecord<TWord>
        {
            MaxDcs = info.MaxDcs,
            MaxNodes = info.MaxNodes,
            MaxProcesses = info.MaxProcesses,
            MaxTasks = info.MaxTasks,
            MaxSystemProcesses = info.MaxSystemProcesses,
            MaxCopyBuffer = info.MaxCopyBuffer,
            MaxCopyLength = info.MaxCopyLength,
            DebugLevel = TWord.CreateTruncating(info.DebugLevel),
            Version = info.Version,
            Flags = TWord.CreateTruncating(info.Flags),
            ProcessSlotSize = info.ProcessSlotSize,
        };
        DvkText.Write(record.Name, info.Name);
        return record;
    }

    internal static DcInfo ToInfo<TWord>(in DcRecord<TWord> record)
        where TWord : unmanaged, IBinaryInteger<TWord> => new()
        {
            DcId = record.DcId,
            Flags = (DcFlags)record.Flags,
            MaxProcesses = record.MaxProcesses,
            MaxTasks = record.MaxTasks,
            MaxSystemProcesses = record.MaxSystemProcesses,
            MaxNodes = record.MaxNodes,
            Nodes = ulong.CreateTruncating(record.Nodes),
            WarnEndpoint = record.WarnEndpoint,
            WarnMessageType = record.WarnMessageType,
            ProcessId = record.ProcessId,
            Name = DvkText.Read(record.Name),
        };

    internal static DcRecord<TWord> FromInfo<TWord>(DcInfo info)
        where TWord : unmanaged, IBinaryInteger<TWord>
    {
        var record = new DcRecord<TWord>
        {
            DcId = info.DcId,
            Flags = (int)info.Flags,
            MaxProcesses = info.MaxProcesses,
            MaxTasks = info.MaxTasks,
            MaxSystemProcesses = info.MaxSystemProcesses,
            MaxNodes = info.MaxNodes,
            Nodes = TWord.CreateTruncating(info.Nodes),
            WarnEndpoint = info.WarnEndpoint,
            WarnMessageType = info.WarnMessageType,
            ProcessId = info.ProcessId,
        };
        DvkText.Write(record.Name, info.Name);
        return record;
    }

    internal static NodeInfo ToInfo<TWord>(in NodeRecord<TWord> record)
        where TWord : unmanaged, IBinaryInteger<TWord> => new()
        {
            NodeId = record.NodeId,
            Flags = (NodeFlags)ulong.CreateTruncating(record.Flags),
            ProxyId = record.ProxyId,
            Dcs = ulong.CreateTruncating(record.Dcs),
            LastSent = ToTimestamp(record.LastSent),
            LastReceived = ToTimestamp(record.LastReceived),
            CommandsSent = ulong.CreateTruncating(record.CommandsSent),
            CommandsReceived = ulong.CreateTruncating(record.CommandsReceived),
            Name = DvkText.Read(record.Name),
        };

    internal static ProcessInfo ToInfo<TWord>(in ProcessRecord<TWord> record)
        where TWord : unmanaged, IBinaryInteger<TWord> => new()
        {
            Number = record.Number,
            Endpoint = record.Endpoint,
            DcId = record.DcId,
            Status = (ProcessStatus)ulong.CreateTruncating(record.Status),
            LinuxProcessId = record.LinuxProcessId,
            VirtualProcessId = record.VirtualProcessId,
            NodeId = record.NodeId,
            NodeMap = ulong.CreateTruncating(record.NodeMap),
            MiscFlags = (ProcessMiscFlags)ulong.CreateTruncating(record.MiscFlags),
            ReceivesFrom = record.ReceivesFrom,
            SendsTo = record.SendsTo,
            WaitsForMigration = record.WaitsForMigration,
            WaitsForUnbind = record.WaitsForUnbind,
            ProxyId = record.ProxyId,
            LocalSent = ulong.CreateTruncating(record.LocalSent),
            RemoteSent = ulong.CreateTruncating(record.RemoteSent),
            LocalCopies = ulong.CreateTruncating(record.LocalCopies),
            RemoteCopies = ulong.CreateTruncating(record.RemoteCopies),
            Name = DvkText.Read(record.Name),
        };

    // time_t is signed: what came as an unsigned word of 32 bits is an int.
    private static Timestamp ToTimestamp<TWord>(TimespecRecord<TWord> record)
        where TWord : unmanaged, IBinaryInteger<TWord> =>
        new(ToSigned(record.Seconds), ToSigned(record.Nanoseconds));

    private static unsafe long ToSigned<TWord>(TWord word)
        where TWord : unmanaged, IBinaryInteger<TWord> =>
        sizeof(TWord) == sizeof(int) ? int.CreateTruncating(word) : long.CreateTruncating(word);
}
