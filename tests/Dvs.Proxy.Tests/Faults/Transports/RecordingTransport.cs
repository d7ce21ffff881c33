using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Dvs.Proxy.Transport;

namespace Dvs.Proxy.Tests.Faults.Transports;

/// <summary>Another transport, which keeps what its own connections write: what somebody on the network could have recorded.</summary>
internal sealed class RecordingTransport(IProxyTransport inner) : IProxyTransport
{
    private readonly ConcurrentBag<Recording> _recordings = [];

    public string Name => inner.Name;

    /// <summary>What was written, connection by connection, in no order.</summary>
    public IReadOnlyList<byte[]> Recordings => [.. _recordings.Select(static recording => recording.ToArray()).Where(static bytes => bytes.Length > 0)];

    public ValueTask<IProxyListener> ListenAsync(TransportEndpoint local, CancellationToken cancellationToken) => inner.ListenAsync(local, cancellationToken);

    public async ValueTask<ProxyConnection> ConnectAsync(TransportEndpoint remote, CancellationToken cancellationToken)
    {
        var recording = new Recording();
        _recordings.Add(recording);
        return new Connection(await inner.ConnectAsync(remote, cancellationToken), recording);
    }

    private sealed class Recording
    {
        private const int MostBytes = 200_000;

        private readonly ArrayBufferWriter<byte> _bytes = new();

        public void Add(ReadOnlySpan<byte> bytes)
        {
            lock (_bytes)
            {
                _bytes.Write(bytes[..Math.Min(bytes.Length, MostBytes - _bytes.WrittenCount)]);
            }
        }

        public byte[] ToArray()
        {
            lock (_bytes)
            {
                return _bytes.WrittenSpan.ToArray();
            }
        }
    }

    private sealed class Connection(ProxyConnection inner, Recording recording) : ProxyConnection
    {
        private readonly RecordingWriter _output = new(inner.Output, recording);

        public override PipeReader Input => inner.Input;

        public override PipeWriter Output => _output;

        public override IPAddress? RemoteAddress => inner.RemoteAddress;

        public override string RemoteName => inner.RemoteName;

        public override T? GetAbility<T>()
            where T : class => inner.GetAbility<T>();

        public override void Abort() => inner.Abort();

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class RecordingWriter(PipeWriter inner, Recording recording) : PipeWriter
    {
        private Memory<byte> _room;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _room = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            recording.Add(_room.Span[..bytes]);
            _room = _room[bytes..];
            inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            recording.Add(source.Span);
            return inner.WriteAsync(source, cancellationToken);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
