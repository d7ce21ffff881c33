using System.Runtime.CompilerServices;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;
using Dvs.Proxy.Interop;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel;

public sealed partial class KernelDvkDevice
{
    private readonly BoundPairs _pairs = new();
    private readonly nint _emptyBlock = EmptyBlock.Address;

    /// <inheritdoc/>
    public unsafe void BindProxies(string name, int proxyId, int senderThreadId, int receiverThreadId, int maxPayload)
    {
        ArgumentNullException.ThrowIfNull(name);
        DvkName text = default;
        DvkText.Write(text, name);
        var arguments = new ProxiesBindArguments<nuint>
        {
            Name = (nuint)(&text),
            ProxyId = proxyId,
            SenderThreadId = senderThreadId,
            ReceiverThreadId = receiverThreadId,
            MaxPayload = maxPayload,
        };
        Require(
            _handle.CallToEnd(DvkIoctl.ProxiesBind, &arguments),
            DvkCall.BindProxies,
            $"register proxy pair {proxyId} ({name}) with sender thread {senderThreadId}, receiver thread {receiverThreadId} and "
                + $"payloads up to {maxPayload} bytes",
            proxyId: proxyId, nodeId: proxyId);
        _pairs.Set(new BoundPair(proxyId, senderThreadId, receiverThreadId, maxPayload));
    }

    /// <inheritdoc/>
    public unsafe void UnbindProxies(int proxyId)
    {
        // The driver waits until the receiver thread is gone, and a signal may end the wait when the pair is unbound already.
        var raw = _handle.Call(DvkIoctl.ProxiesUnbind, (void*)(nint)proxyId);
        if (raw == -Libc.ErrnoInterrupted)
        {
            raw = _handle.CallToEnd(DvkIoctl.ProxiesUnbind, (void*)(nint)proxyId);
            raw = DvkResult.ToError(raw) is DvkError.NoProxy or DvkError.ProxyFree ? 0 : raw;
        }

        if (DvkResult.ToError(raw) is DvkError.Ok or DvkError.NoProxy or DvkError.ProxyFree)
        {
            _pairs.Remove(proxyId);
        }

        Require(raw, DvkCall.UnbindProxies, $"unbind proxy pair {proxyId}", proxyId: proxyId);
    }

    /// <inheritdoc/>
    public unsafe void NodeUp(string name, int nodeId, int proxyId)
    {
        ArgumentNullException.ThrowIfNull(name);
        DvkName text = default;
        DvkText.Write(text, name);
        var arguments = new NodeUpArguments<nuint> { Name = (nuint)(&text), NodeId = nodeId, ProxyId = proxyId };
        Require(
            _handle.CallToEnd(DvkIoctl.NodeUp, &arguments),
            DvkCall.NodeUp,
            $"attach node {nodeId} ({name}) to proxy pair {proxyId}",
            nodeId: nodeId, proxyId: proxyId);
    }

    /// <inheritdoc/>
    public unsafe void NodeDown(int nodeId) => Require(
        _handle.CallToEnd(DvkIoctl.NodeDown, (void*)(nint)nodeId), DvkCall.NodeDown, $"detach node {nodeId}", nodeId: nodeId);

    /// <inheritdoc/>
    public unsafe DvkError SetProxyConnection(int proxyId, ProxyConnectionChange change)
    {
        var arguments = new ProxyConnectionArguments { ProxyId = proxyId, Status = (int)change };
        return DvkResult.ToError(_handle.CallToEnd(DvkIoctl.ProxyConnection, &arguments));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="payload"/> is shorter than the pair's largest payload: the driver would write beyond it.</exception>
    public unsafe DvkError GetToRemote(out CommandHeader header, Span<byte> payload, int timeoutMilliseconds)
    {
        // The driver fills in all of it.
        Unsafe.SkipInit(out header);
        if (payload.Length < _pairs.LargestPayload)
        {
            throw ShortPayload(payload.Length, nameof(payload));
        }

        int raw;
        fixed (CommandHeader* command = &header)
        fixed (byte* block = payload)
        {
            raw = nint.Size == sizeof(long)
                ? GetToRemote(command, block, timeoutMilliseconds)
                : GetToRemoteIlp32(command, block, timeoutMilliseconds);
        }

        if (raw >= 0)
        {
            return DvkError.Ok;
        }

        header = default;
        return CheckThread((DvkError)raw, isSender: true);
    }

    /// <inheritdoc/>
    public unsafe DvkError PutToLocal(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        if (!CommandBlock.Fits(header, payload.Length))
        {
            return DvkError.Range;
        }

        int raw;
        fixed (CommandHeader* command = &header)
        fixed (byte* block = payload)
        {
            raw = nint.Size == sizeof(long) ? PutToLocal(command, block) : PutToLocalIlp32(command, block);
        }

        return raw >= 0 ? DvkError.Ok : CheckThread((DvkError)raw, isSender: false);
    }

    /// <inheritdoc/>
    public DvkError TryBind(in BindRequest request, out int endpoint)
    {
        if (IsBoundAlready(request))
        {
            endpoint = 0;
            return DvkError.SlotUsed;
        }

        var error = CallBind(request, out endpoint);
        if (error == DvkError.Ok && request.Kind != BindKind.Remote)
        {
            OnBound(request, endpoint);
        }

        return error;
    }

    private unsafe DvkError CallBind(in BindRequest request, out int endpoint)
    {
        var isRemote = request.Kind == BindKind.Remote;
        var name = isRemote ? LowMemoryNames.Rent(request.Name ?? "") : 0;
        if (isRemote && name == 0)
        {
            endpoint = 0;
            return DvkError.NoMemory;
        }

        try
        {
            var arguments = new BindArguments
            {
                Kind = (int)request.Kind,
                DcId = request.DcId,
                ProcessIdOrName = isRemote ? (int)name : request.ProcessId,
                Endpoint = request.Endpoint,
                NodeId = request.NodeId,
            };

            // The endpoint of task -4 looks like EINTR, and would be asked for again without end.
            var raw = request.Endpoint == -Libc.ErrnoInterrupted ? _handle.Call(DvkIoctl.Bind, &arguments) : _handle.CallToEnd(DvkIoctl.Bind, &arguments);
            return DvkResult.ToEndpoint(raw, request.Endpoint, out endpoint);
        }
        finally
        {
            if (isRemote)
            {
                LowMemoryNames.Return(name);
            }
        }
    }

    /// <inheritdoc/>
    public unsafe DvkError TryUnbind(int dcId, int endpoint, int timeoutMilliseconds)
    {
        var arguments = new UnbindArguments<nint> { DcId = dcId, Endpoint = endpoint, Timeout = timeoutMilliseconds };
        var error = DvkResult.ToError(_handle.CallBlocking(DvkIoctl.Unbind, &arguments, &arguments.Timeout, repeat: false));
        CallerThread.ForgetProcesses(_options.Path, dcId, endpoint);
        return error;
    }

    /// <inheritdoc/>
    public DvkError GetProcessId(int dcId, int number, out int processId)
    {
        var error = TryGetProcess(dcId, number, out processId, out var status);
        if (error == DvkError.Ok && (status & ProcessStatus.SlotFree) != 0)
        {
            error = DvkError.NotBind;
        }

        processId = error == DvkError.Ok ? processId : -1;
        return error;
    }

    /// <inheritdoc/>
    /// <remarks>Returns once the thread has noticed, which is at once unless the driver does not let it go: then after at most 10 s.</remarks>
    public void Interrupt(int threadId) => CallerThread.Interrupt(threadId);

    /// <inheritdoc/>
    /// <remarks>The driver sees for itself that a thread exits. Here the device forgets the thread, whose id may be given to another.</remarks>
    public void OnThreadExit() => CallerThread.Retire();

    // On the hot path: the record and the room behind it are too large to be cleared for nothing.
    [SkipLocalsInit]
    private unsafe DvkError TryGetProcess(int dcId, int number, out int processId, out ProcessStatus status)
    {
        Unsafe.SkipInit(out WithCpuMaskRoom<ProcessRecord<nuint>> room);
        var arguments = new GetProcessInfoArguments<nuint> { DcId = dcId, Number = number, Process = (nuint)(&room) };
        var error = DvkResult.ToError(_handle.CallToEnd(DvkIoctl.GetProcessInfo, &arguments));
        (processId, status) = error == DvkError.Ok ? (room.Record.LinuxProcessId, (ProcessStatus)room.Record.Status) : (-1, ProcessStatus.SlotFree);
        return error;
    }

    private unsafe int GetToRemote(CommandHeader* command, byte* payload, int timeout)
    {
        // Field by field: an initialiser makes a copy, whose loads wait for the stores before.
        Unsafe.SkipInit(out GetToRemoteArguments<nint> arguments);
        arguments.Command = (nint)command;
        arguments.Payload = (nint)payload;
        arguments.Timeout = timeout;
        return _handle.CallBlocking(DvkIoctl.GetToRemote, &arguments, &arguments.Timeout, repeat: true);
    }

    private unsafe int GetToRemoteIlp32(CommandHeader* command, byte* payload, int timeout)
    {
        Span<byte> raw = stackalloc byte[WireLayout.Ilp32.HeaderSize];
        raw.Clear();
        fixed (byte* pointer = raw)
        {
            var result = GetToRemote((CommandHeader*)pointer, payload, timeout);
            WireLayout.Ilp32.Read(raw, out *command);
            return result;
        }
    }

    private unsafe int PutToLocal(CommandHeader* command, byte* payload)
    {
        Unsafe.SkipInit(out PutToLocalArguments<nint> arguments);
        arguments.Command = (nint)command;
        arguments.Payload = payload == null ? _emptyBlock : (nint)payload;
        return _handle.CallToEnd(CallerThread.Current, DvkIoctl.PutToLocal, &arguments, repeat: true);
    }

    private unsafe int PutToLocalIlp32(CommandHeader* command, byte* payload)
    {
        Span<byte> raw = stackalloc byte[WireLayout.Ilp32.HeaderSize];
        WireLayout.Ilp32.Write(raw, *command);
        fixed (byte* pointer = raw)
        {
            return PutToLocal((CommandHeader*)pointer, payload);
        }
    }

    private ArgumentException ShortPayload(int length, string parameter) => new(
        $"The buffer has {length} bytes and the driver may write up to {_pairs.LargestPayload}, the largest payload of the pairs bound here.", parameter);
}
