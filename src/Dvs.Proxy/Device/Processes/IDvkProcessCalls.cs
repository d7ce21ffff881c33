using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// The part of the driver an application process needs. The driver knows a process by its thread: all calls but
/// <see cref="WaitForBind"/> are made on the thread that is bound; an unbound thread stands for the main thread of its process. Blocking; results are
/// <see cref="DvkError"/> codes. Time-outs are in milliseconds: 0 does not wait, -1 waits for ever. Where there is nothing yet a call that is not to wait
/// answers <see cref="DvkError.Again"/>, one that waited <see cref="DvkError.TimedOut"/>.
/// </summary>
/// <remarks>
/// <para>A <em>user</em> process (number from <see cref="DcInfo.FirstUserProcess"/> on) may make requests (<see cref="SendReceive"/>), wait
/// for binds and ask for endpoints; everything else is <see cref="DvkError.BadCall"/>.</para>
/// <para>A bad endpoint is <see cref="DvkError.Range"/>, the caller's own <see cref="DvkError.BadDestination"/> or
/// <see cref="DvkError.Endpoint"/>. After a few of these the kernel driver does not let the caller go again; <c>KernelDvkDevice</c> answers
/// them by itself, see its remarks.</para>
/// </remarks>
public interface IDvkProcessCalls
{
    /// <summary>Sends a message and waits until it was received (send).</summary>
    DvkError Send(int endpoint, in Message message, int timeoutMilliseconds);

    /// <summary>
    /// Receives a message from <paramref name="endpoint"/>, or from anybody with <see cref="WellKnownEndpoint.Any"/> (receive).
    /// <see cref="DvkError.SourceDied"/> where nobody is bound there, <see cref="DvkError.Endpoint"/> for oneself.
    /// </summary>
    DvkError Receive(int endpoint, out Message message, int timeoutMilliseconds);

    /// <summary>Receives a request (a sendrec) from anybody (rcvrqst); a plain message as well, but no notification.</summary>
    DvkError ReceiveRequest(out Message message, int timeoutMilliseconds);

    /// <summary>Sends a message and waits for the reply, which replaces it (sendrec).</summary>
    DvkError SendReceive(int endpoint, ref Message message, int timeoutMilliseconds);

    /// <summary>
    /// Answers a process that waits in <see cref="SendReceive"/> (reply). <see cref="DvkError.ProcessStatus"/> where it does not wait; of a remote one its own
    /// driver decides.
    /// </summary>
    DvkError Reply(int endpoint, in Message message, int timeoutMilliseconds);

    /// <summary>
    /// Notifies a process; does not wait for it to receive (notify). <see cref="DvkError.TrapDenied"/> where nobody is bound there,
    /// <see cref="DvkError.Endpoint"/> for oneself.
    /// </summary>
    /// <param name="sourceNumber">Slot number of the notifier; <see cref="WellKnownEndpoint.Self"/> for the caller.</param>
    /// <param name="endpoint">Whom to notify.</param>
    /// <param name="value">Update bit number carried in <c>c_rcode</c>; -1 for none.</param>
    DvkError Notify(int sourceNumber, int endpoint, int value);

    /// <summary>
    /// Copies memory between two processes; the caller is the requester (vcopy). The requester field is filled in by the driver. A kernel driver without
    /// <see cref="DvkFixes.ThirdPartyCopy"/> does not survive a copy between two other processes of this node unless the main thread of the calling process
    /// is bound.
    /// </summary>
    DvkError Copy(in CopyDescriptor copy);

    /// <summary>
    /// Waits until an endpoint is bound or unbound (wait4bind). For a bind the answer in vain is always <see cref="DvkError.TimedOut"/>,
    /// and a remote bind does not wake who waits already. For an unbind the time-out is 0 (<see cref="DvkError.Again"/> while it is bound)
    /// or -1: from a limited wait the kernel driver does not return, so it is <see cref="DvkError.Locked"/> while the endpoint is bound. -1
    /// was not tried on the kernel driver.
    /// </summary>
    /// <param name="kind">Which of the two.</param>
    /// <param name="endpoint">The endpoint; <see cref="WellKnownEndpoint.Self"/> for the caller.</param>
    /// <param name="timeoutMilliseconds">How long.</param>
    /// <param name="boundEndpoint">The endpoint that is bound; 0 after an unbind.</param>
    DvkError WaitForBind(WaitForBindKind kind, int endpoint, int timeoutMilliseconds, out int boundEndpoint);

    /// <summary>
    /// Endpoint of a process of this node (getep). The caller must be a process itself: <see cref="DvkError.NotBind"/> otherwise;
    /// <see cref="DvkError.BadRange"/> where no thread has this id.
    /// </summary>
    /// <param name="processId">Linux pid (thread id).</param>
    /// <param name="endpoint">Its endpoint.</param>
    DvkError GetEndpoint(int processId, out int endpoint);

    /// <summary>Memory of the calling process for copies.</summary>
    /// <param name="length">Bytes, more than 0.</param>
    /// <exception cref="DvkException">The caller is not bound (emulation).</exception>
    DvkBuffer AllocateBuffer(int length);
}
