using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;

namespace Dvs.Proxy.Device.Kernel;

public sealed partial class KernelDvkDevice
{
    /// <inheritdoc/>
    public unsafe void InitializeDvs(int nodeId, DvsInfo limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var record = DvkRecordReader.FromInfo<nuint>(limits);
        var arguments = new DvsInitArguments<nuint> { NodeId = nodeId, Dvs = (nuint)(&record) };
        Require(
            _handle.CallToEnd(DvkIoctl.DvsInit, &arguments),
            DvkCall.InitializeDvs,
            $"make this machine node {nodeId} of DVS {limits.Name}",
            nodeId: nodeId);
    }

    /// <inheritdoc/>
    public unsafe void EndDvs()
    {
        Require(_handle.CallToEnd(DvkIoctl.DvsEnd, null), DvkCall.EndDvs, "end the DVS");
        CallerThread.ForgetProcesses(_options.Path);
        _taskCount = DvkResult.HighestTaskErrno;
    }

    /// <inheritdoc/>
    public unsafe void StartDc(DcInfo dc)
    {
        ArgumentNullException.ThrowIfNull(dc);
        var record = new WithCpuMaskRoom<DcRecord<nuint>> { Record = DvkRecordReader.FromInfo<nuint>(dc) };
        Require(_handle.CallToEnd(DvkIoctl.DcInit, &record), DvkCall.StartDc, $"start DC {dc.DcId}", dcId: dc.DcId);
    }

    /// <inheritdoc/>
    public unsafe void EndDc(int dcId)
    {
        Require(_handle.CallToEnd(DvkIoctl.DcEnd, (void*)(nint)dcId), DvkCall.EndDc, $"end DC {dcId}", dcId: dcId);
        CallerThread.ForgetProcesses(_options.Path, dcId);
    }

    /// <inheritdoc/>
    public unsafe void AddNode(int dcId, int nodeId)
    {
        var arguments = new DcNodeArguments { DcId = dcId, NodeId = nodeId };
        Require(
            _handle.CallToEnd(DvkIoctl.AddNode, &arguments), DvkCall.AddNode, $"add node {nodeId} to DC {dcId}", nodeId: nodeId, dcId: dcId);
    }

    /// <inheritdoc/>
    public unsafe void RemoveNode(int dcId, int nodeId)
    {
        var arguments = new DcNodeArguments { DcId = dcId, NodeId = nodeId };
        Require(
            _handle.CallToEnd(DvkIoctl.RemoveNode, &arguments),
            DvkCall.RemoveNode,
            $"take node {nodeId} out of DC {dcId}",
            nodeId: nodeId, dcId: dcId);
    }

    /// <inheritdoc/>
    public DcInfo GetDcInfo(int dcId)
    {
        Require((int)TryGetDcInfo(dcId, out var info), DvkCall.GetDcInfo, $"read DC {dcId}", dcId: dcId);
        return info;
    }

    /// <inheritdoc/>
    public unsafe NodeInfo GetNodeInfo(int nodeId)
    {
        NodeRecord<nuint> record = default;
        var arguments = new GetRecordArguments<nuint> { Id = nodeId, Record = (nuint)(&record) };
        Require(_handle.CallToEnd(DvkIoctl.GetNodeInfo, &arguments), DvkCall.GetNodeInfo, $"read node {nodeId}", nodeId: nodeId);
        return DvkRecordReader.ToInfo(record);
    }

    /// <inheritdoc/>
    public unsafe ProcessInfo GetProcessInfo(int dcId, int number)
    {
        WithCpuMaskRoom<ProcessRecord<nuint>> record = default;
        var arguments = new GetProcessInfoArguments<nuint> { DcId = dcId, Number = number, Process = (nuint)(&record) };
        Require(
            _handle.CallToEnd(DvkIoctl.GetProcessInfo, &arguments),
            DvkCall.GetProcessInfo,
            $"read process {number} of DC {dcId}",
            dcId: dcId);
        return DvkRecordReader.ToInfo(record.Record);
    }

    /// <inheritdoc/>
    public unsafe ProxyInfo GetProxyInfo(int proxyId)
    {
        WithCpuMaskRoom<ProcessRecord<nuint>> sender = default;
        WithCpuMaskRoom<ProcessRecord<nuint>> receiver = default;
        var arguments = new GetProxyInfoArguments<nuint> { ProxyId = proxyId, Sender = (nuint)(&sender), Receiver = (nuint)(&receiver) };
        Require(
            _handle.CallToEnd(DvkIoctl.GetProxyInfo, &arguments), DvkCall.GetProxyInfo, $"read proxy pair {proxyId}", proxyId: proxyId);
        return new ProxyInfo(proxyId, DvkRecordReader.ToInfo(sender.Record), DvkRecordReader.ToInfo(receiver.Record));
    }

    /// <inheritdoc/>
    public string ReadView(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Path.IsPathRooted(name) || name.Split('/').Contains(".."))
        {
            throw new ArgumentException($"'{name}' is not the path of a view below {_options.ViewsPath}.", nameof(name));
        }

        try
        {
            return ViewReader.Read(Path.Combine(_options.ViewsPath, name));
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw DvkAdvice.Refusal(DvkCall.ReadView, DvkError.NoEntry, $"read view {name} below {_options.ViewsPath}");
        }
        catch (UnauthorizedAccessException)
        {
            throw DvkAdvice.Refusal(DvkCall.ReadView, DvkError.Access, $"read view {name} below {_options.ViewsPath}");
        }
        catch (IOException failure)
        {
            throw new DvkException(DvkError.InputOutput, $"read view {name} below {_options.ViewsPath}", failure.Message);
        }
    }

    private unsafe DvkError TryGetDcInfo(int dcId, out DcInfo info)
    {
        WithCpuMaskRoom<DcRecord<nuint>> record = default;
        var arguments = new GetRecordArguments<nuint> { Id = dcId, Record = (nuint)(&record) };
        var error = DvkResult.ToError(_handle.CallToEnd(DvkIoctl.GetDcInfo, &arguments));
        info = DvkRecordReader.ToInfo(record.Record);
        return error;
    }

    private static void Require(int raw, DvkCall call, string attempted, int? nodeId = null, int? dcId = null, int? proxyId = null)
    {
        if (raw < 0)
        {
            throw Refusal(call, raw, attempted, nodeId, dcId, proxyId);
        }
    }
}
