using System.Text;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Messages.Fields;
using Dvs.Proxy.Protocol;

namespace FileTransfer.Transfers;

/// <summary>Serves the files of a folder to any number of clients, one request at a time: the body of a system process.</summary>
/// <param name="folder">The folder. Links in it lead where they lead.</param>
/// <param name="log">Told what is opened, ended and refused.</param>
internal sealed class FileServer(string folder, TextWriter log)
{
    // A client whose node has gone silent is not waited for: it asks again.
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(5);

    // By the client's endpoint. No file stays open between requests, so none does when a client never comes back.
    private readonly Dictionary<int, Transfer> _transfers = [];

    /// <summary>Called after each block with its length, before the client is answered.</summary>
    public Action<int>? BlockMoved { get; init; }

    private sealed record Transfer(int Client, string Name, bool IsPut, ulong Buffer);

    /// <summary>Serves until the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Run(DvkProcess process, CancellationToken cancellation)
    {
        using var buffer = process.AllocateBuffer(FileProtocol.BufferLength);
        while (true)
        {
            var request = process.ReceiveRequest(cancellationToken: cancellation);
            var (type, answer) = Answer(process, buffer, in request);
            var number = request.Type == FileProtocol.End
                ? (int)request.Read<MessageMB>(process.DataModel).Nr
                : request.Read<MessageM2>(process.DataModel).I1;
            var reply = Message.Create(process.DataModel, type, answer with { I1 = number });
            if (process.TryReply(request.Source, in reply, ReplyTimeout, cancellation) is < DvkError.Ok and var error)
            {
                log.WriteLine($"client {request.Source} did not get its answer: {error.Describe()}");
            }
        }
    }

    private (int Type, MessageM2 Answer) Answer(DvkProcess process, DvkBuffer buffer, in Message request)
    {
        var asked = request.Read<MessageM2>(process.DataModel);
        try
        {
            if (request.Type is FileProtocol.Get or FileProtocol.Put)
            {
                _transfers[request.Source] = ReadName(process, buffer, in request, in asked);
            }

            return !_transfers.TryGetValue(request.Source, out var transfer) ? (FileProtocol.OpenAgain, default)
                : TryServe(process, buffer, transfer, in request, in asked, out var refusal) is { } value ? (FileProtocol.Done, new MessageM2 { L1 = value })
                : (FileProtocol.Refused, new MessageM2 { I2 = WriteText(process, buffer, transfer, refusal) });
        }
        catch (DvkException exception)
        {
            // The client is gone, or out of reach. If it is there after all, it may begin again.
            log.WriteLine($"client {request.Source}: {exception.Message}");
            return (FileProtocol.OpenAgain, default);
        }
    }

    private long? TryServe(DvkProcess process, DvkBuffer buffer, Transfer transfer, in Message request, in MessageM2 asked, out string refusal)
    {
        refusal = "";
        try
        {
            return request.Type switch
            {
                FileProtocol.Get or FileProtocol.Put => Open(transfer, asked.L1),
                FileProtocol.Block => Move(process, buffer, transfer, in asked),
                FileProtocol.End => End(transfer, request.Read<MessageMB>(process.DataModel).Md5),
                _ => throw new TransferException($"there is no request {request.Type}"),
            };
        }
        catch (Exception exception) when (exception is TransferException or IOException or UnauthorizedAccessException)
        {
            refusal = exception is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file '{transfer.Name}'" : exception.Message.TrimEnd('.');
            log.WriteLine($"client {transfer.Client} is refused: {refusal}");
            return null;
        }
    }

    private static Transfer ReadName(DvkProcess process, DvkBuffer buffer, in Message request, in MessageM2 asked)
    {
        var length = Math.Clamp(asked.I2, 0, FileProtocol.TextLength);
        process.Copy(request.Source, asked.P1 + FileProtocol.BlockLength, process.Endpoint, buffer.Address, length);
        return new Transfer(request.Source, Encoding.UTF8.GetString(buffer.Span[..length]), request.Type == FileProtocol.Put, asked.P1);
    }

    private static int WriteText(DvkProcess process, DvkBuffer buffer, Transfer transfer, string text)
    {
        Encoding.UTF8.TryGetBytes(text, buffer.Span[..FileProtocol.TextLength], out var length);
        process.Copy(process.Endpoint, buffer.Address, transfer.Client, transfer.Buffer + FileProtocol.BlockLength, length);
        return length;
    }

    private long Open(Transfer transfer, long length)
    {
        using var file = OpenFile(transfer);
        if (transfer.IsPut && file.Length > length)
        {
            // What is there is of another file.
            file.SetLength(0);
        }

        log.WriteLine($"client {transfer.Client} {(transfer.IsPut ? "puts" : "gets")} '{transfer.Name}'");
        return file.Length;
    }

    private long Move(DvkProcess process, DvkBuffer buffer, Transfer transfer, in MessageM2 asked)
    {
        using var file = OpenFile(transfer);
        if (asked.I2 is < 0 or > FileProtocol.BlockLength || asked.L1 < 0 || asked.L1 > file.Length)
        {
            throw new TransferException($"'{transfer.Name}' has no place for {asked.I2} bytes at {asked.L1}");
        }

        file.Position = asked.L1;
        var block = buffer.Span[..asked.I2];
        if (transfer.IsPut)
        {
            process.Copy(transfer.Client, transfer.Buffer, process.Endpoint, buffer.Address, block.Length);
            file.Write(block);
        }
        else
        {
            file.ReadExactly(block);
            process.Copy(process.Endpoint, buffer.Address, transfer.Client, transfer.Buffer, block.Length);
        }

        BlockMoved?.Invoke(block.Length);
        return 0;
    }

    private long End(Transfer transfer, MessageBytes digest)
    {
        bool isSame;
        using (var file = OpenFile(transfer))
        {
            isSame = FileDigest.Of(file) == digest;
        }

        var path = FindPath(transfer.Name);
        if (transfer.IsPut && isSame)
        {
            File.Move(path + FileProtocol.PartSuffix, path, overwrite: true);
        }
        else if (transfer.IsPut)
        {
            File.Delete(path + FileProtocol.PartSuffix);
        }

        _transfers.Remove(transfer.Client);
        log.WriteLine($"'{transfer.Name}' was {(transfer.IsPut ? "put" : "got")}, {(isSame ? "with the right MD5" : "but not the same on both nodes")}");
        return isSame ? 0
            : throw new TransferException($"the two nodes have different contents of '{transfer.Name}', so what was transferred is thrown away");
    }

    private FileStream OpenFile(Transfer transfer) => transfer.IsPut
        ? new FileStream(
            FindPath(transfer.Name) + FileProtocol.PartSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
        : new FileStream(FindPath(transfer.Name), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private string FindPath(string name) =>
        name.Length == 0 || name.Contains('\0') || Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..")
            || name.EndsWith(FileProtocol.PartSuffix, StringComparison.Ordinal)
            ? throw new TransferException(
                $"'{name}' is no name in the served folder: no absolute path, no '..', nothing that ends in '{FileProtocol.PartSuffix}'")
            : Path.Combine(folder, name);
}
