using System.Text;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Processes;
using Dvs.Proxy.Messages;
using Dvs.Proxy.Protocol;

namespace FileTransfer.Transfers;

/// <summary>Serves the files of a folder to any number of clients, one request at a time: the body of a system process.</summary>
/// <param name="folder">The folder. Links in it lead where they lead.</param>
/// <param name="log">Told what is opened, ended and refused.</param>
internal sealed class FileServer(string folder, TextWriter log)
{
    // A client whose node has gone silent is not waited for: it asks again.
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, Client> _clients = [];

    /// <summary>Called after each block with its length, before the client is answered.</summary>
    public Action<int>? BlockMoved { get; init; }

    // What is known of the process at an endpoint. No file stays open between requests, so none does when a client never comes back.
    private sealed class Client
    {
        public int? LastNumber { get; set; }

        public string Name { get; set; } = "";

        public string? Path { get; set; }

        public bool IsPut { get; set; }

        public ulong Buffer { get; set; }
    }

    /// <summary>Serves until the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Run(DvkProcess process, CancellationToken cancellation)
    {
        using var buffer = process.AllocateBuffer(FileProtocol.BufferLength);
        while (true)
        {
            var request = process.ReceiveRequest(cancellationToken: cancellation);
            var number = request.Type == FileProtocol.End
                ? (int)request.Read<MessageMB>(process.DataModel).Nr
                : request.Read<MessageM2>(process.DataModel).I1;
            if (!_clients.TryGetValue(request.Source, out var client))
            {
                _clients.Add(request.Source, client = new Client());
            }

            if (client.LastNumber == number)
            {
                continue;
            }

            client.LastNumber = number;
            var (type, answer) = Answer(process, buffer, client, in request);
            var reply = Message.Create(process.DataModel, type, answer with { I1 = number });
            if (process.TryReply(request.Source, in reply, ReplyTimeout, cancellation) is < DvkError.Ok and var error)
            {
                log.WriteLine($"client {request.Source} did not get its answer: {error.Describe()}");
            }
        }
    }

    private (int Type, MessageM2 Answer) Answer(DvkProcess process, DvkBuffer buffer, Client client, in Message request)
    {
        try
        {
            var asked = request.Read<MessageM2>(process.DataModel);
            switch (request.Type)
            {
                case FileProtocol.Get or FileProtocol.Put:
                    return (FileProtocol.Done, new MessageM2 { L1 = Open(process, buffer, client, in request, in asked) });
                case FileProtocol.Block when client.Path is { } path:
                    Move(process, buffer, client, path, request.Source, in asked);
                    return (FileProtocol.Done, default);
                case FileProtocol.End when client.Path is { } path:
                    End(client, path, request.Read<MessageMB>(process.DataModel));
                    return (FileProtocol.Done, default);
                default:
                    return (FileProtocol.OpenAgain, default);
            }
        }
        catch (DvkException exception)
        {
            log.WriteLine($"client {request.Source}: {exception.Message}");
            return (FileProtocol.OpenAgain, default);
        }
        catch (Exception exception) when (exception is TransferException or IOException or UnauthorizedAccessException)
        {
            var reason = exception is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file '{client.Name}'" : exception.Message.TrimEnd('.');
            log.WriteLine($"client {request.Source} is refused: {reason}");
            Encoding.UTF8.TryGetBytes(reason, buffer.Span[..FileProtocol.TextLength], out var length);
            var text = client.Buffer + FileProtocol.BlockLength;
            var error = process.TryCopy(process.Endpoint, buffer.Address, request.Source, text, length);
            return (error < DvkError.Ok ? FileProtocol.OpenAgain : FileProtocol.Refused, new MessageM2 { I2 = length });
        }
    }

    private long Open(DvkProcess process, DvkBuffer buffer, Client client, in Message request, in MessageM2 asked)
    {
        (client.Path, client.IsPut, client.Buffer) = (null, request.Type == FileProtocol.Put, asked.P1);
        var length = Math.Clamp(asked.I2, 0, FileProtocol.TextLength);
        process.Copy(request.Source, asked.P1 + FileProtocol.BlockLength, process.Endpoint, buffer.Address, length);
        client.Name = Encoding.UTF8.GetString(buffer.Span[..length]);
        var path = FindPath(client.Name);
        using var file = OpenFile(client, path);
        if (client.IsPut && file.Length > asked.L1)
        {
            // What is there is of another file.
            file.SetLength(0);
        }

        log.WriteLine($"client {request.Source} {(client.IsPut ? "puts" : "gets")} '{client.Name}'");
        client.Path = path;
        return file.Length;
    }

    private void Move(DvkProcess process, DvkBuffer buffer, Client client, string path, int source, in MessageM2 asked)
    {
        using var file = OpenFile(client, path);
        if (asked.I2 is < 0 or > FileProtocol.BlockLength || asked.L1 < 0 || asked.L1 > file.Length)
        {
            throw new TransferException($"'{client.Name}' has no place for {asked.I2} bytes at {asked.L1}");
        }

        file.Position = asked.L1;
        var block = buffer.Span[..asked.I2];
        if (client.IsPut)
        {
            process.Copy(source, client.Buffer, process.Endpoint, buffer.Address, block.Length);
            file.Write(block);
        }
        else
        {
            file.ReadExactly(block);
            process.Copy(process.Endpoint, buffer.Address, source, client.Buffer, block.Length);
        }

        BlockMoved?.Invoke(block.Length);
    }

    private void End(Client client, string path, MessageMB asked)
    {
        client.Path = null;
        bool isSame;
        using (var file = OpenFile(client, path))
        {
            isSame = FileDigest.Of(file) == asked.Md5;
        }

        if (client.IsPut && isSame)
        {
            File.Move(path + FileProtocol.PartSuffix, path, overwrite: true);
        }
        else if (client.IsPut)
        {
            File.Delete(path + FileProtocol.PartSuffix);
        }

        if (!isSame)
        {
            throw new TransferException($"the two nodes have different contents of '{client.Name}', so what was transferred is thrown away");
        }

        log.WriteLine($"'{client.Name}' is {(client.IsPut ? "here" : "there")}, with the right MD5");
    }

    private static FileStream OpenFile(Client client, string path) => client.IsPut
        ? new FileStream(path + FileProtocol.PartSuffix, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0)
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private string FindPath(string name) =>
        name.Length == 0 || name.Contains('\0') || Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..")
            || name.EndsWith(FileProtocol.PartSuffix, StringComparison.Ordinal)
            ? throw new TransferException($"'{name}' is no name in the served folder: no absolute path, no '..', nothing that ends in '{FileProtocol.PartSuffix}'")
            : Path.Combine(folder, name);
}
