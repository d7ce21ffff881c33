using System.Buffers;
using System.IO.Pipelines;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>Writes three messages and a data block of node 0 for node 1, and reads them on the other side.</summary>
internal static class CodecExample
{
    public static async Task WriteAsync(PipeWriter output)
    {
        using var writer = new FrameWriter(new FrameWriterOptions { Compress = true, MaxBatchCommands = 32 }, output);
        for (var type = 1; type <= 3; type++)
        {
            var message = new CommandHeader
            {
                Command = CommandCode.SendMessage,
                SourceEndpoint = 3,
                DestinationEndpoint = 5,
                SourceNode = 0,
                DestinationNode = 1,
            };
            message.Message.Source = 3;
            message.Message.Type = type;

            // Appended commands gather in a batch: one frame, with one header in front and the other ones as its payload.
            writer.Append(in message, []);
        }

        var block = new byte[1000];
        var data = new CommandHeader
        {
            Command = CommandCode.CopyInData,
            SourceEndpoint = 3,
            DestinationEndpoint = 5,
            SourceNode = 0,
            DestinationNode = 1,
            Copy = new CopyDescriptor { SourceEndpoint = 3, DestinationEndpoint = 5, RequesterEndpoint = 3, Length = block.Length },
        };

        // A block has a frame of its own, which closes the batch.
        writer.Append(in data, block);
        writer.Complete();
        await output.CompleteAsync();
    }

    public static async Task<List<string>> ReadAsync(PipeReader input)
    {
        List<string> commands = [];
        using var reader = new FrameReader(new FrameReaderOptions { ExpectedSourceNode = 0, ExpectedDestinationNode = 1 });
        while (true)
        {
            var result = await input.ReadAsync();
            var rest = result.Buffer;
            Take(reader, ref rest, commands);
            if (result.IsCompleted)
            {
                if (!reader.EndsCleanly(rest))
                {
                    throw new InvalidDataException(reader.Fault.Describe());
                }

                await input.CompleteAsync();
                return commands;
            }

            input.AdvanceTo(rest.Start, rest.End);
        }
    }

    // A frame is a view of the buffer and of the reader's memory: it is used up before the next await.
    private static void Take(FrameReader reader, ref ReadOnlySequence<byte> rest, List<string> commands)
    {
        FrameStatus status;
        while ((status = reader.TryRead(ref rest, out var frame)) == FrameStatus.Complete)
        {
            commands.Add($"{frame.Command.Command} type {frame.Command.Message.Type}, {frame.Payload.Length} bytes");
            foreach (var command in frame.GetBatch())
            {
                commands.Add($"{command.Command} type {command.Message.Type}, batched");
            }
        }

        if (status == FrameStatus.Malformed)
        {
            throw new InvalidDataException(reader.Fault.Describe());
        }
    }
}
