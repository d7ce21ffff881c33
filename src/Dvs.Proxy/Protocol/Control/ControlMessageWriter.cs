using System.Buffers;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Control;

/// <summary>
/// Writes the control messages of one direction of a connection, untouched but for the digest that was agreed: a frame writer would number
/// them. Writing thread only.
/// </summary>
internal sealed class ControlMessageWriter(WireLayout layout)
{
    private IFrameDigest? _digest;
    private ulong _controls;

    /// <summary>Digest of what follows; null for none, as on every new connection until one was agreed.</summary>
    public void Begin(IFrameDigest? digest) => (_digest, _controls) = (digest, 0);

    /// <summary>Writes a message as a frame.</summary>
    public void Write(IBufferWriter<byte> output, in CommandHeader message)
    {
        if (_digest is not { } digest)
        {
            SessionMessage.WriteFrame(output, layout, in message);
            return;
        }

        var length = layout.HeaderSize + WireLimits.DigestSize;
        var place = output.GetSpan(length)[..length];
        layout.Write(place, in message);
        var flags = message.Flags | digest.Flags;
        layout.WriteProxyFields(place, new ProxyFields(WireLimits.DigestSize, flags, message.SendSequence, message.AcknowledgeSequence));
        digest.Compute(place[..layout.HeaderSize], _controls++, place[layout.HeaderSize..]);
        output.Advance(length);
    }
}
