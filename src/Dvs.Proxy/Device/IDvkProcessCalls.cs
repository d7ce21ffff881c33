using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device;

/// <summary>
/// The part of the driver an application process needs. The driver knows a process by its thread: all calls but
/// <see cref="WaitForBind"/> are made on the thread that is bound. Blocking; results are <see cref="DvkError"/> codes.
/// Time-outs are in milliseconds: 0 does not wait, -1 waits for ever.
/// </summary>
public interface IDvkProcessCalls
{
    /// <summary>Sends a message and waits until it was received (send).</summary>
    DvkError Send(int endpoint, in Message message, int timeoutMilliseconds);

    /// <summary>Receives a message from <paramref name="endpoint"/>, or from anybody with <see cref="WellKnownEndpoint.Any"/> (receive).</summary>
    DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds);

    /// <summary>Receives a request (a sendrec) from anybody (rcvrqst).</summary>
    DvkError ReceiveRequest(out Message message, int timeoutMilliseconds);

    /// <summary>Sends a message and waits for the reply, which replaces it (sendrec).</summary>
    DvkError SendReceive(int endpoint, ref Message message, int timeoutMilliseconds);

    /// <summary>Answers a process that waits in <see cref="SendReceive"/> (reply).</summary>
    DvkError Reply(int endpoint, in Message message, int timeoutMilliseconds);

    /// <summary>Notifies a process; does not wait for it to receive (notify).</summary>
    /// <param name="sourceNumber">Slot number of the notifier; <see cref="WellKnownEndpoint.Self"/> for the caller.</param>
    /// <param name="endpoint">Whom to notify.</param>
    /// <param name="value">Update bit number carried in <c>c_rcode</c>; -1 for none.</param>
    DvkError Notify(int sourceNumber, int endpoint, int value);

    /// <summary>Copies memory between two processes; the caller is the requester (vcopy). The requester field is filled in by the driver.</summary>
    DvkError Copy(in CopyDescriptor copy);

    /// <summary>Waits until an endpoint is bound or unbound (wait4bind).</summary>
    /// <param name="kind">Which of the two.</param>
    /// <param name="endpoint">The endpoint; <see cref="WellKnownEndpoint.Self"/> for the caller.</param>
    /// <param name="timeoutMilliseconds">How long.</param>
    /// <param name="boundEndpoint">The endpoint.</param>
    DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint);

    /// <summary>Endpoint of a process of this node (getep).</summary>
    /// <param name="processId">Linux pid (thread id).</param>
    /// <param name="endpoint">Its endpoint.</param>
    DvkError GetEndpoint(int processId, out int endpoint);

    /// <summary>Memory of the calling process for copies.</summary>
    /// <param name="length">Bytes, more than 0.</param>
    /// <exception cref="DvkException">The caller is not bound (emulation).</exception>
    DvkBuffer AllocateBuffer(int length);
}
