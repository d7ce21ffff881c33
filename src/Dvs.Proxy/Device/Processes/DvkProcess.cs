using System.Runtime.CompilerServices;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Processes;

/// <summary>
/// A process of a DC, for people who write tools and tests: the calling thread, bound to an endpoint. Every member that talks to the driver
/// is called on that thread. Methods throw <see cref="DvkException"/> when the driver refuses; the <c>Try</c> forms return its
/// <see cref="DvkError"/> instead.
/// </summary>
/// <remarks>
/// <para>Time-outs: null, like <see cref="Timeout.InfiniteTimeSpan"/>, waits for ever; <see cref="TimeSpan.Zero"/> does not wait
/// (<see cref="DvkError.Again"/> where there is nothing yet). When the time is up the answer is <see cref="DvkError.TimedOut"/>. Parts of a millisecond are
/// rounded up. A negative time-out, or one above 24 days, is an <see cref="ArgumentOutOfRangeException"/>.</para>
/// <para>A cancelled token ends a wait with <see cref="OperationCanceledException"/>, in the <c>Try</c> forms as well. Where the driver had
/// finished the call by then, its result counts. A send, a request or a reply that was cancelled may have had its effect.</para>
/// <para>Behaviour: DvkProcessTests.</para>
/// </remarks>
public sealed class DvkProcess : IDisposable
{
    private readonly IDvkDevice _device;
    private bool _unbound;

    // A token was cancelled as its call ended: the next blocking call will be interrupted on behalf of nobody.
    private bool _hasStaleInterrupt;

    // Somebody asked for the next interrupt, other than a token.
    private bool _isInterruptWanted;

    private DvkProcess(IDvkDevice device, int dcId, int endpoint, string name)
    {
        _device = device;
        DcId = dcId;
        Endpoint = endpoint;
        Name = name;
        ThreadId = device.CurrentThreadId;
    }

    /// <summary>The DC it lives in.</summary>
    public int DcId { get; }

    /// <summary>Its endpoint.</summary>
    public int Endpoint { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Data model of its messages, for the message forms.</summary>
    public DataModel DataModel => _device.DataModel;

    /// <summary>Id by which the driver knows its thread; for <see cref="IDvkProxyCalls.Interrupt"/>.</summary>
    public int ThreadId { get; }

    /// <summary>Binds the calling thread.</summary>
    /// <param name="device">The driver.</param>
    /// <param name="dcId">A DC that runs on this node.</param>
    /// <param name="endpoint">The endpoint wished for.</param>
    /// <param name="name">Name, also of the thread if it has none: the driver calls a process as its thread, in at most 15 bytes.</param>
    /// <exception cref="DvkException">The driver refused: slot in use, DC not running, thread bound already.</exception>
    public static DvkProcess Bind(IDvkDevice device, int dcId, int endpoint, string name)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(name);

        // The driver takes the name of a local process from its thread.
        Thread.CurrentThread.Name ??= name;
        var error = device.TryBind(BindRequest.Self(dcId, endpoint, name), out var bound);
        if (error < DvkError.Ok)
        {
            throw Refusal(device, error, dcId, endpoint, name);
        }

        return new DvkProcess(device, dcId, bound, name);
    }

    /// <summary>
    /// Runs a process on a thread of its own. Returns once it is bound; when <paramref name="body"/> ends, the process is unbound and the
    /// driver told that the thread exits. A body that fails is reported at once, and again to whoever joins.
    /// </summary>
    /// <param name="device">The driver.</param>
    /// <param name="dcId">A DC that runs on this node.</param>
    /// <param name="endpoint">The endpoint wished for.</param>
    /// <param name="name">Name of process and thread.</param>
    /// <param name="body">What the process does. It cannot be async: the driver knows a process by its thread, and what follows an await runs on
    /// another.</param>
    /// <param name="onFailure">Told, on the process's thread and before it ends, of the exception that ended the body; of none that an interrupt of the
    /// handle or a cancelled token caused. Null writes a line to the standard error.</param>
    /// <exception cref="DvkException">The driver refused to bind.</exception>
    /// <exception cref="ArgumentException"><paramref name="body"/> is async.</exception>
    public static DvkProcessHandle Start(
        IDvkDevice device, int dcId, int endpoint, string name, Action<DvkProcess> body, Action<Exception>? onFailure = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(body);
        if (body.Method.IsDefined(typeof(AsyncStateMachineAttribute), inherit: false))
        {
            throw new ArgumentException(
                $"The body of process '{name}' is async. The driver knows a process by its thread, and what follows an await runs on another: "
                + "write it without await; it has a thread of its own and may block.", nameof(body));
        }

        return DvkProcessHandle.Start(device, dcId, endpoint, name, body, onFailure);
    }

    /// <summary>
    /// Endpoint of the process of this DC that has a name, as this node's driver knows it: a process of this node, or one of another node that was made known
    /// here. Null where there is none. Where several have the name, as those that autobind bound do, the lowest number counts.
    /// </summary>
    /// <param name="name">The name, of which the driver keeps at most 15 bytes.</param>
    public int? FindEndpoint(string name) => _device.FindProcess(DcId, name)?.Endpoint;

    /// <summary>Sends a message and waits until it was received.</summary>
    /// <exception cref="DvkException">The driver refused, or the time was up.</exception>
    public void Send(int endpoint, in Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ThrowIfFailed(TrySend(endpoint, message, timeout, cancellationToken), "send to", endpoint);

    /// <inheritdoc cref="Send"/>
    public DvkError TrySend(int endpoint, in Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var copy = message;
        return Block(static (device, to, ref sent, limit) => device.Send(to, in sent, limit), endpoint, ref copy, timeout, cancellationToken);
    }

    /// <summary>Waits for a message from <paramref name="endpoint"/>, or from anybody.</summary>
    /// <exception cref="DvkException">The driver refused, or the time was up.</exception>
    public Message Receive(int endpoint = WellKnownEndpoint.Any, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ThrowIfFailed(TryReceive(endpoint, out var message, timeout, cancellationToken), "receive from", endpoint);
        return message;
    }

    /// <inheritdoc cref="Receive"/>
    public DvkError TryReceive(int endpoint, out Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        message = default;
        return Block(static (device, from, ref got, limit) => device.Receive(from, out got, limit), endpoint, ref message, timeout, cancellationToken);
    }

    /// <summary>Waits for a request (a sendrec) from anybody; answer it with <see cref="Reply"/>.</summary>
    /// <exception cref="DvkException">The driver refused, or the time was up.</exception>
    public Message ReceiveRequest(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ThrowIfFailed(TryReceiveRequest(out var message, timeout, cancellationToken), "receive a request from", WellKnownEndpoint.Any);
        return message;
    }

    /// <inheritdoc cref="ReceiveRequest"/>
    public DvkError TryReceiveRequest(out Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        message = default;
        return Block(
            static (device, _, ref got, limit) => device.ReceiveRequest(out got, limit), WellKnownEndpoint.Any, ref message, timeout, cancellationToken);
    }

    /// <summary>Sends a request and waits for the reply, which replaces it in <paramref name="message"/>.</summary>
    /// <remarks>
    /// After a time-out the reply may still come, and the driver keeps it for this process: what was asked later of the same remote process may then run into
    /// its time-out as well. Whoever goes on after one does so as a new process (dispose of this one, and bind again).
    /// </remarks>
    /// <exception cref="DvkException">The driver refused, or the time was up.</exception>
    public void SendReceive(int endpoint, ref Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ThrowIfFailed(TrySendReceive(endpoint, ref message, timeout, cancellationToken), "send a request to", endpoint);

    /// <inheritdoc cref="SendReceive"/>
    public DvkError TrySendReceive(int endpoint, ref Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        return Block(static (device, to, ref both, limit) => device.SendReceive(to, ref both, limit), endpoint, ref message, timeout, cancellationToken);
    }

    /// <summary>Answers a process that waits in <see cref="SendReceive"/>.</summary>
    /// <exception cref="DvkException">The driver refused: <see cref="DvkError.ProcessStatus"/> where nobody waits for it.</exception>
    public void Reply(int endpoint, in Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        ThrowIfFailed(TryReply(endpoint, message, timeout, cancellationToken), "reply to", endpoint);

    /// <inheritdoc cref="Reply"/>
    public DvkError TryReply(int endpoint, in Message message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var copy = message;
        return Block(static (device, to, ref sent, limit) => device.Reply(to, in sent, limit), endpoint, ref copy, timeout, cancellationToken);
    }

    /// <summary>Notifies a process without waiting for it to receive.</summary>
    /// <param name="endpoint">Whom.</param>
    /// <param name="value">Update bit number, -1 for none.</param>
    /// <exception cref="DvkException">The driver refused.</exception>
    public void Notify(int endpoint, int value = -1) => ThrowIfFailed(TryNotify(endpoint, value), "notify", endpoint);

    /// <inheritdoc cref="Notify"/>
    public DvkError TryNotify(int endpoint, int value = -1)
    {
        CheckThread();
        return _device.Notify(WellKnownEndpoint.Self, endpoint, value);
    }

    /// <summary>Copies memory between two processes, this one or others that are blocked receiving (vcopy). Returns when the bytes are there.</summary>
    /// <param name="sourceEndpoint">Whose memory is read.</param>
    /// <param name="sourceAddress">Where, from <see cref="DvkBuffer.Address"/>.</param>
    /// <param name="destinationEndpoint">Whose memory is written.</param>
    /// <param name="destinationAddress">Where.</param>
    /// <param name="length">Bytes, 0..<see cref="DvsInfo.MaxCopyLength"/>.</param>
    /// <exception cref="DvkException">The driver refused.</exception>
    public void Copy(int sourceEndpoint, ulong sourceAddress, int destinationEndpoint, ulong destinationAddress, int length)
    {
        var error = TryCopy(sourceEndpoint, sourceAddress, destinationEndpoint, destinationAddress, length);
        if (error < DvkError.Ok)
        {
            var attempted = $"copy {length} bytes from endpoint {sourceEndpoint} to {destinationEndpoint}, asked by '{Name}' ({Endpoint})";
            throw new DvkException(error, attempted, new ProcessAdvice(_device, this).ForCopy(error, sourceEndpoint, destinationEndpoint));
        }
    }

    /// <inheritdoc cref="Copy"/>
    public DvkError TryCopy(int sourceEndpoint, ulong sourceAddress, int destinationEndpoint, ulong destinationAddress, int length)
    {
        CheckThread();
        return _device.Copy(new CopyDescriptor
        {
            SourceEndpoint = sourceEndpoint,
            SourceAddress = sourceAddress,
            DestinationEndpoint = destinationEndpoint,
            DestinationAddress = destinationAddress,
            RequesterEndpoint = Endpoint,
            Length = length,
        });
    }

    /// <summary>Memory that others may copy from and to.</summary>
    /// <param name="length">Bytes, more than 0.</param>
    public DvkBuffer AllocateBuffer(int length)
    {
        CheckThread();
        return _device.AllocateBuffer(length);
    }

    /// <summary>Unbinds the process. Whoever waits for it fails. Harmless if it is unbound already.</summary>
    public void Dispose()
    {
        if (!_unbound)
        {
            _unbound = true;
            _ = _device.TryUnbind(DcId, Endpoint, 0);
        }
    }

    // A slot in use has two causes with one code; which of them it is, the driver says when asked for the thread.
    private static DvkException Refusal(IDvkDevice device, DvkError error, int dcId, int endpoint, string name)
    {
        var attempted = $"bind '{name}' to endpoint {endpoint} of DC {dcId}";
        return error == DvkError.SlotUsed && device.GetEndpoint(device.CurrentThreadId, out var held) == DvkError.Ok
            ? new DvkException(error, attempted,
                $"This thread is process {held} already, and a thread is one process: unbind that one first, or bind another thread.")
            : DvkAdvice.Refusal(DvkCall.Bind, error, attempted, dcId: dcId);
    }

    /// <summary>Ends the call that the thread is blocked in, or its next blocking one. Any thread.</summary>
    internal void Interrupt()
    {
        Volatile.Write(ref _isInterruptWanted, true);
        _device.Interrupt(ThreadId);
    }

    // A call of the driver that may wait: one that comes back because of an interrupt meant for an earlier call is made again.
    private delegate DvkError BlockingCall(IDvkDevice device, int endpoint, ref Message message, int milliseconds);

    private DvkError Block(BlockingCall call, int endpoint, ref Message message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        CheckThread();
        using var wait = new DvkWait(_device, ThreadId, timeout, cancellationToken);
        DvkError error;
        do
        {
            error = call(_device, endpoint, ref message, wait.Milliseconds);
        }
        while (IsStaleInterrupt(in wait, error));
        return End(in wait, error);
    }

    private bool IsStaleInterrupt(in DvkWait wait, DvkError error)
    {
        if (error != DvkError.Interrupted)
        {
            return false;
        }

        if (Interlocked.Exchange(ref _isInterruptWanted, false) || wait.IsCancelled)
        {
            return false;
        }

        var isStale = _hasStaleInterrupt;
        _hasStaleInterrupt = false;
        return isStale;
    }

    private DvkError End(in DvkWait wait, DvkError error)
    {
        wait.Dispose();
        if (wait.IsCancelled)
        {
            if (error == DvkError.Interrupted)
            {
                throw new OperationCanceledException(wait.CancellationToken);
            }

            _hasStaleInterrupt = true;
        }

        return error;
    }

    private void CheckThread()
    {
        ObjectDisposedException.ThrowIf(_unbound, this);
        var current = _device.CurrentThreadId;
        if (current != ThreadId)
        {
            throw new InvalidOperationException(
                $"Process '{Name}' (endpoint {Endpoint}) is thread {ThreadId}, but thread {current} called. " +
                "The driver knows a process by its thread: make every call on the thread that bound it. An await in between goes on on another thread: "
                + "await before the bind or after the end, or run the process with DvkProcess.Start, which gives it a thread of its own.");
        }
    }

    private void ThrowIfFailed(DvkError error, string what, int endpoint)
    {
        if (error < DvkError.Ok)
        {
            var whom = endpoint == WellKnownEndpoint.Any ? "anybody" : $"endpoint {endpoint}";
            throw new DvkException(error, $"{what} {whom} as '{Name}' ({Endpoint})", new ProcessAdvice(_device, this).ForMessage(error, endpoint));
        }
    }
}
