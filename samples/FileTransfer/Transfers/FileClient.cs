using System.Diagnostics;
using System.Text;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;

namespace FileTransfer.Transfers;

/// <summary>
/// Gets and puts files: what a user process does with a <see cref="FileServer"/> of another node. A transfer whose connection breaks waits until it is back and
/// goes on where it was; one that is given up leaves a <c>.part</c>, with which the next one goes on. Used from any one thread.
/// </summary>
/// <param name="device">The driver of this node.</param>
/// <param name="dcId">The DC.</param>
/// <param name="endpoint">The endpoint of this client.</param>
/// <param name="serverNode">Node of the server.</param>
/// <param name="serverEndpoint">Its endpoint.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class FileClient(
    IDvkDevice device, int dcId, int endpoint, int serverNode, int serverEndpoint, Progress progress, CancellationToken cancellation)
{
    private const double DigestBytesPerSecond = 50e6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // Of one attempt.
    private DvkProcess _process = null!;
    private DvkBuffer _buffer = null!;

    // Not the number that an earlier process of this endpoint ended with.
    private int _number = Random.Shared.Next();
    private long _lastAnswer;

    /// <summary>
    /// How long a request waits. The driver does not always know that an answer will never come: when the other node's proxy is restarted, for example.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a transfer goes on without an answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets a file.</summary>
    /// <exception cref="TransferException">The server refuses, or is out of reach for too long.</exception>
    /// <exception cref="DvkException">The driver refuses.</exception>
    public void Get(string remote, string local)
    {
        var part = local + FileProtocol.PartSuffix;
        Persist(() =>
        {
            var length = Open(FileProtocol.Get, remote, 0);
            using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            if (file.Length > length)
            {
                file.SetLength(0);
            }

            file.Position = file.Length;
            progress.Begin($"get {remote}", file.Position, length);
            while (file.Position < length)
            {
                var block = _buffer.Span[..(int)Math.Min(FileProtocol.BlockLength, length - file.Position)];
                AskForBlock(file.Position, block.Length);
                file.Write(block);
                progress.Advance(file.Position);
            }

            try
            {
                End(file);
            }
            catch (TransferException exception) when (!exception.IsPassing)
            {
                File.Delete(part);
                throw;
            }
        });
        File.Move(part, local, overwrite: true);
    }

    /// <summary>Puts a file.</summary>
    /// <inheritdoc cref="Get"/>
    public void Put(string local, string remote)
    {
        using var file = new FileStream(local, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Persist(() =>
        {
            var length = file.Length;
            file.Position = Open(FileProtocol.Put, remote, length);
            progress.Begin($"put {remote}", file.Position, length);
            while (file.Position < length)
            {
                var offset = file.Position;
                var block = _buffer.Span[..(int)Math.Min(FileProtocol.BlockLength, length - offset)];
                file.ReadExactly(block);
                AskForBlock(offset, block.Length);
                progress.Advance(file.Position);
            }

            End(file);
        });
    }

    // Every attempt begins with opening the file, which says where to go on: the first one, those after a broken connection, and those of a later run.
    // Each is a process of its own, because the driver keeps an answer that comes too late for the process that gave up on it, and then takes no other one.
    private void Persist(Action attempt)
    {
        _lastAnswer = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                WaitUntilConnected();
                DvkProcess.Start(device, dcId, endpoint, "fileclient", process => Run(process, attempt), onFailure: static _ => { }).Join();
                return;
            }
            catch (Exception exception) when (IsPassing(exception) && Stopwatch.GetElapsedTime(_lastAnswer) < Patience)
            {
                progress.Interrupt(exception is DvkException driver ? driver.Error.Describe() : exception.Message);
                cancellation.WaitHandle.WaitOne(Pause);
            }
        }
    }

    private void Run(DvkProcess process, Action attempt)
    {
        using var buffer = process.AllocateBuffer(FileProtocol.BufferLength);
        (_process, _buffer) = (process, buffer);
        attempt();
    }

    private void WaitUntilConnected()
    {
        const NodeFlags Connected = NodeFlags.Attached | NodeFlags.SenderConnected | NodeFlags.ReceiverConnected;
        while (device.GetNodeInfo(serverNode) is var node && ((node.Flags & Connected) != Connected || (node.Dcs & (1UL << dcId)) == 0))
        {
            cancellation.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(_lastAnswer) > Patience)
            {
                throw new TransferException(
                    $"Node {serverNode} is not connected, or DC {dcId} does not extend to it: waited {Patience.TotalSeconds:0.#} s. Does 'serve' run there?");
            }

            cancellation.WaitHandle.WaitOne(Pause);
        }

        // A process of another node has to be known here before it can be sent to. A restart of this node's proxy may have made the driver forget it.
        if ((device.GetProcessInfo(dcId, serverEndpoint).Status & ProcessStatus.SlotFree) != 0)
        {
            device.BindRemote(dcId, serverEndpoint, serverNode, "fileserver");
        }
    }

    private long Open(int verb, string remote, long length)
    {
        if (!Encoding.UTF8.TryGetBytes(remote, _buffer.Span[FileProtocol.BlockLength..], out var nameLength))
        {
            throw new TransferException($"The name has more than {FileProtocol.TextLength} bytes.");
        }

        return Ask(verb, new MessageM2 { I1 = ++_number, I2 = nameLength, L1 = length, P1 = _buffer.Address }, RequestTimeout);
    }

    private void AskForBlock(long offset, int length) =>
        Ask(FileProtocol.Block, new MessageM2 { I1 = ++_number, I2 = length, L1 = offset }, RequestTimeout);

    // The server reads the whole file before it answers.
    private void End(FileStream file)
    {
        var digest = FileDigest.Of(file);
        Ask(FileProtocol.End, new MessageMB(++_number, digest), RequestTimeout + TimeSpan.FromSeconds(file.Length / DigestBytesPerSecond));
        progress.End(Convert.ToHexStringLower(digest.Span));
    }

    private long Ask<TForm>(int type, TForm form, TimeSpan timeout)
        where TForm : struct, IMessageForm<TForm>
    {
        var message = Message.Create(device.DataModel, type, form);
        _process.SendReceive(serverEndpoint, ref message, timeout, cancellation);
        var answer = message.Read<MessageM2>(device.DataModel);
        if (answer.I1 != _number)
        {
            throw new TransferException("an answer came too late", isPassing: true);
        }

        _lastAnswer = Stopwatch.GetTimestamp();
        var text = _buffer.Span.Slice(FileProtocol.BlockLength, Math.Clamp(answer.I2, 0, FileProtocol.TextLength));
        return message.Type switch
        {
            FileProtocol.Done => answer.L1,
            FileProtocol.OpenAgain => throw new TransferException("the server has lost the file", isPassing: true),
            _ => throw new TransferException($"Refused: {Encoding.UTF8.GetString(text)}."),
        };
    }

    // Enqueued: the server has yet to take the request that the attempt before gave up on.
    private static bool IsPassing(Exception exception) => exception switch
    {
        DvkException driver => driver.Error is DvkError.NotConnected or DvkError.TimedOut or DvkError.NodeNotInDc or DvkError.NoNode or DvkError.NoProxy
            or DvkError.Enqueued,
        TransferException transfer => transfer.IsPassing,
        _ => false,
    };
}
