using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Interop;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel;

public sealed partial class KernelDvkDevice
{
    /// <inheritdoc/>
    public DvkError Send(int endpoint, in Message message, int timeoutMilliseconds)
    {
        var copy = message;
        return Transfer(DvkIoctl.Send, endpoint, ref copy, timeoutMilliseconds);
    }

    /// <inheritdoc/>
    public DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds)
    {
        message = default;
        var error = endpoint == WellKnownEndpoint.Any ? DvkError.Ok : CheckPartner("receive", endpoint);
        return error == DvkError.Ok ? Transfer(DvkIoctl.Receive, endpoint, ref message, timeoutMilliseconds) : error;
    }

    /// <inheritdoc/>
    public DvkError SendReceive(int endpoint, ref Message message, int timeoutMilliseconds) =>
        Transfer(DvkIoctl.SendReceive, endpoint, ref message, timeoutMilliseconds);

    /// <inheritdoc/>
    public DvkError Reply(int endpoint, in Message message, int timeoutMilliseconds)
    {
        var copy = message;
        return Transfer(DvkIoctl.Reply, endpoint, ref copy, timeoutMilliseconds);
    }

    /// <inheritdoc/>
    public unsafe DvkError ReceiveRequest(out Message message, int timeoutMilliseconds)
    {
        Message native = default;
        var arguments = new ReceiveRequestArguments<nint> { Message = (nint)(&native), Timeout = timeoutMilliseconds };
        var error = ToError(WaitForMessage(DvkIoctl.ReceiveRequest, &arguments, &arguments.Timeout));
        message = native;
        return error;
    }

    /// <inheritdoc/>
    public unsafe DvkError Notify(int sourceNumber, int endpoint, int value)
    {
        var refusal = CheckPartner("notify", endpoint);
        if (refusal != DvkError.Ok)
        {
            return refusal;
        }

        var arguments = new NotifyArguments { SourceNumber = sourceNumber, Endpoint = endpoint, Value = value };
        nint forEver = -1;
        return ToError(_handle.CallBlocking(DvkIoctl.Notify, &arguments, &forEver, repeat: false));
    }

    /// <inheritdoc/>
    public unsafe DvkError Copy(in CopyDescriptor copy)
    {
        var arguments = new CopyArguments<nuint>
        {
            SourceEndpoint = copy.SourceEndpoint,
            DestinationEndpoint = copy.DestinationEndpoint,
            RequesterEndpoint = WellKnownEndpoint.Self,
            SourceAddress = (nuint)copy.SourceAddress,
            DestinationAddress = (nuint)copy.DestinationAddress,
            Length = copy.Length,
        };
        nint forEver = -1;
        return DvkResult.ToError(_handle.CallBlocking(DvkIoctl.VirtualCopy, &arguments, &forEver, repeat: false));
    }

    /// <inheritdoc/>
    public unsafe DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint)
    {
        if (kind == WaitForBindKind.Unbind && timeoutMilliseconds > 0)
        {
            return CheckUnbindWait(endpoint, out boundEndpoint);
        }

        var arguments = new WaitForBindArguments<nint> { Kind = (int)kind, Endpoint = endpoint, Timeout = timeoutMilliseconds };
        if (endpoint != WellKnownEndpoint.Self)
        {
            // Task -4 is the one endpoint that looks like EINTR: there a signal cannot be told from success, so it is not repeated.
            var raw = _handle.CallBlocking(DvkIoctl.WaitForBind, &arguments, &arguments.Timeout, repeat: endpoint != -Libc.ErrnoInterrupted);
            return DvkResult.ToEndpoint(raw, endpoint, out boundEndpoint);
        }

        // Here the answer is not known before, and -4 may be either; a caller that was interrupted must learn of it.
        var own = _handle.CallBlocking(DvkIoctl.WaitForBind, &arguments, &arguments.Timeout, repeat: false);
        if (own == -Libc.ErrnoInterrupted)
        {
            boundEndpoint = 0;
            return DvkError.Interrupted;
        }

        return DvkResult.ToUnknownEndpoint(own, TaskCount, out boundEndpoint);
    }

    /// <inheritdoc/>
    public unsafe DvkError GetEndpoint(int processId, out int endpoint)
    {
        var raw = _handle.Call(DvkIoctl.GetEndpoint, (void*)(nint)processId);
        return DvkResult.ToUnknownEndpoint(raw, TaskCount, out endpoint);
    }

    /// <inheritdoc/>
    public DvkBuffer AllocateBuffer(int length) => new KernelBuffer(length);

    /// <summary>
    /// Passes a message on to another process in the name of its source (relay). For the calling process's thread only.
    /// </summary>
    /// <param name="endpoint">Who gets it.</param>
    /// <param name="message">The message.</param>
    public unsafe DvkError Relay(int endpoint, in Message message)
    {
        var native = message;
        var arguments = new RelayArguments<nuint> { Endpoint = endpoint, Message = (nuint)(&native) };
        nint forEver = -1;
        return DvkResult.ToError(_handle.CallBlocking(DvkIoctl.Relay, &arguments, &forEver, repeat: false));
    }

    /// <summary>Ends the wait of a process in the driver; its call returns <see cref="DvkError.WokenUp"/> (wakeup). Any thread.</summary>
    /// <param name="dcId">DC of the process.</param>
    /// <param name="endpoint">Its endpoint.</param>
    public unsafe DvkError WakeUp(int dcId, int endpoint)
    {
        var arguments = new WakeUpArguments { DcId = dcId, Endpoint = endpoint };
        return DvkResult.ToError(_handle.CallToEnd(DvkIoctl.WakeUp, &arguments));
    }

    // The message is handed over in a copy on the stack, which does not move. Its first 36 bytes are the ILP32 form: the body only ends earlier
    // there, and a 32-bit driver touches no more.
    private unsafe DvkError Transfer(uint request, int endpoint, ref Message message, int timeout)
    {
        var native = message;
        var arguments = new IpcArguments<nint> { Endpoint = endpoint, Message = (nint)(&native), Timeout = timeout };
        var raw = request == DvkIoctl.Receive
            ? WaitForMessage(request, &arguments, &arguments.Timeout)
            : _handle.CallBlocking(request, &arguments, &arguments.Timeout, repeat: false);
        message = native;
        return ToError(raw);
    }

    // A process that served a copy of others while it waited comes back with EDVSUSR2USR and without a message: it goes on waiting.
    private unsafe int WaitForMessage(uint request, void* arguments, nint* timeout)
    {
        var end = *timeout > 0 ? Environment.TickCount64 + *timeout : 0;
        while (true)
        {
            var raw = _handle.CallBlocking(request, arguments, timeout, repeat: true);
            if (raw != (int)DvkError.UserToUser)
            {
                return raw;
            }

            if (*timeout > 0 && (*timeout = (nint)(end - Environment.TickCount64)) <= 0)
            {
                return (int)DvkError.TimedOut;
            }
        }
    }
}
