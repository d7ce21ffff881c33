using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;

namespace Dvs.Proxy.Device.Kernel.Records;

/// <summary>
/// Looks whether the info record that a driver filled in is one this library understands: version, data model, limits and sizes.
/// </summary>
internal static class DvsRecordCheck
{
    /// <summary>Room for the record of either data model: a 64-bit driver fills in more than a 32-bit process expects.</summary>
    internal const int RoomForRecord = 128;

    private const int VersionOffsetLp64 = 56;
    private const int VersionOffsetIlp32 = 48;
    private const int LargestId = 64;
    private const int LargestCommandPayload = 65_536;
    private const int LargestSlot = 1 << 20;

    /// <summary>Reads the record, or says why it cannot be right.</summary>
    /// <param name="record">What the driver filled in, zero before.</param>
    /// <param name="path">Path of the device, for the message.</param>
    internal static DvsInfo Read(ReadOnlySpan<byte> record, string path)
    {
        var info = DvkRecordReader.ToInfo(MemoryMarshal.Read<DvsRecord<nuint>>(record));
        if (info.Version != DvsInfo.ReferenceVersion)
        {
            var otherOffset = nint.Size == sizeof(long) ? VersionOffsetIlp32 : VersionOffsetLp64;
            throw BinaryPrimitives.ReadInt32LittleEndian(record[otherOffset..]) == DvsInfo.ReferenceVersion
                ? OtherDataModel(path)
                : OtherVersion(path, info.Version);
        }

        if (FindFault(info) is { } fault)
        {
            throw new DvkUnavailableException(
                DvkUnavailableReason.ImplausibleInfo,
                DvkError.BadValue,
                $"use {path}",
                $"The driver says that it is version {info.Version}, but its info record makes no sense: {fault}. The module was probably built from changed "
                + "headers; build it from those of version 202202.");
        }

        return info;
    }

    private static DvkUnavailableException OtherDataModel(string path)
    {
        var (driver, process) = nint.Size == sizeof(long) ? ("32", "64") : ("64", "32");
        return new DvkUnavailableException(
            DvkUnavailableReason.DataModelMismatch,
            DvkError.BadValue,
            $"use {path}",
            $"The driver was built for {driver}-bit processes and this is a {process}-bit one. Build the module for {process} bits, or "
                + $"run a {driver}-bit build of this program.");
    }

    private static DvkUnavailableException OtherVersion(string path, int version) => new(
        DvkUnavailableReason.VersionMismatch,
        DvkError.BadValue,
        $"use {path}",
        $"The driver is version {version}, this program speaks to version {DvsInfo.ReferenceVersion}. Load the module of that version, "
            + $"or use a program made for yours.");

    private static string? FindFault(DvsInfo info) => info switch
    {
        { MaxNodes: < 1 or > LargestId } => $"d_nr_nodes is {info.MaxNodes}, not 1..{LargestId}",
        { MaxDcs: < 1 or > LargestId } => $"d_nr_dcs is {info.MaxDcs}, not 1..{LargestId}",
        { MaxTasks: < 0 or > DvkResult.HighestTaskErrno } => $"d_nr_tasks is {info.MaxTasks}, not 0..{DvkResult.HighestTaskErrno}",
        { MaxProcesses: < 1 or > short.MaxValue } => $"d_nr_procs is {info.MaxProcesses}, not 1..{short.MaxValue}",
        _ when info.MaxSystemProcesses < info.MaxTasks || info.MaxSystemProcesses > info.MaxTasks + info.MaxProcesses =>
            $"d_nr_sysprocs is {info.MaxSystemProcesses}, not {info.MaxTasks}..{info.MaxTasks + info.MaxProcesses}",
        { MaxCopyBuffer: < 1 or > LargestCommandPayload } => $"d_max_copybuf is {info.MaxCopyBuffer}, not 1..{LargestCommandPayload}",
        _ when info.MaxCopyLength < info.MaxCopyBuffer => $"d_max_copylen is {info.MaxCopyLength}, less than d_max_copybuf ({info.MaxCopyBuffer})",

        // The driver's slot begins with the record it gives out; 0 is a driver that does not tell.
        { ProcessSlotSize: not 0 } when info.ProcessSlotSize < Unsafe.SizeOf<ProcessRecord<nuint>>() || info.ProcessSlotSize > LargestSlot =>
            $"d_size_proc is {info.ProcessSlotSize}, not {Unsafe.SizeOf<ProcessRecord<nuint>>()}..{LargestSlot}",
        _ => null,
    };
}
