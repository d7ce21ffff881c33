using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport;

namespace CustomTransport;

/// <summary>
/// One connection: a reader, a writer, and an end from any thread. It has none of the abilities that a proxy can use (<c>GetAbility</c>), which costs a thread
/// and some acknowledgements more, and nothing else.
/// </summary>
internal sealed class PipeConnection(Stream stream, string name) : ProxyConnection
{
    public override PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));

    public override PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

    // The machine's own: what a peer's "allow" is held against.
    public override IPAddress RemoteAddress => IPAddress.Loopback;

    public override string RemoteName => name;

    // Closing the stream ends a read and a write that wait in it.
    public override void Abort() => stream.Dispose();

    public override ValueTask DisposeAsync() => stream.DisposeAsync();
}
