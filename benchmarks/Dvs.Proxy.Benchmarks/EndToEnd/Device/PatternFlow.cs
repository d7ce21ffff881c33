using Dvs.Proxy.Device;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>Messages and blocks in a repeating pattern, as fast as they are asked for.</summary>
internal sealed class PatternFlow : PairFlow
{
    private readonly BlockContent _content;
    private readonly CommandHeader[] _pattern;
    private int _next;
    private int _expected;

    /// <param name="localNode">This node.</param>
    /// <param name="peerNode">The other.</param>
    /// <param name="spin">See <see cref="WakeUp"/>.</param>
    /// <param name="pattern">Block lengths; 0 is a message without one.</param>
    /// <param name="content">What is in the blocks.</param>
    public PatternFlow(int localNode, int peerNode, TimeSpan spin, IReadOnlyList<int> pattern, BlockContent content)
        : base(localNode, peerNode, spin)
    {
        _content = content;
        _pattern = [.. pattern.Select(length => CreateTemplate(length == 0 ? CommandCode.SendMessage : CommandCode.CopyInData, length))];
    }

    public override DvkError Put(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var number = Received.Commands;
        var length = _pattern[_expected].PayloadLength;
        _expected = _expected + 1 == _pattern.Length ? 0 : _expected + 1;
        if (header.Copy.SourceAddress != (ulong)number || payload.Length != length || (length > 0 && !_content.Check(payload, number)))
        {
            Errors++;
        }

        Received.Commands = number + 1;
        Received.Bytes += BlockContent.HeaderSize + payload.Length;
        return DvkError.Ok;
    }

    protected override bool TryTake(out CommandHeader header, Span<byte> payload)
    {
        if (!IsOpen)
        {
            header = default;
            return false;
        }

        var number = Sent.Commands;
        Write(in _pattern[_next], number, out header);
        _next = _next + 1 == _pattern.Length ? 0 : _next + 1;
        if (header.PayloadLength > 0)
        {
            _content.Fill(payload[..header.PayloadLength], number);
        }

        Sent.Commands = number + 1;
        Sent.Bytes += BlockContent.HeaderSize + header.PayloadLength;
        return true;
    }
}
