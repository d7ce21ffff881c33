using System.Buffers;
using System.Buffers.Binary;
using Dvs.Proxy.Protocol.Control;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// Makes and reads the control messages of a session. Their content is at the same place in both data models: 24 bytes at the start of the
/// message body; sequence numbers ride in the header and are cut to the model's width. Reading checks nothing but the type.
/// </summary>
internal static class SessionMessage
{
    /// <summary>The version of the session protocol spoken here.</summary>
    public const uint Version = 2;

    private const int FirstWord = 0;
    private const int SecondWord = 4;
    private const int FirstLong = 8;
    private const int SecondLong = 16;
    private const int SenderNonce = 16;
    private const int FirstMac = 0;
    private const int SecondMac = 8;

    public static CommandHeader Create(in SessionOpen open, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Open, localNode, peerNode, now);
        var body = header.Message.Body.Bytes;
        Write(body, FirstWord, open.Version);
        Write(body, SecondWord, (uint)open.Features);
        Write(body, FirstLong, open.Id.Process);
        Write(body, SecondLong, open.Id.Number);
        header.Copy.Length = (int)open.MaxPayload;
        header.Copy.SourceAddress = open.WindowBytes;
        header.Copy.DestinationAddress = open.IsEstablished ? 1u : 0u;

        // Two fields of 32 bits are one number in either data model.
        header.SendSequence = (uint)open.NextNumber;
        header.AcknowledgeSequence = open.NextNumber >> 32;
        return header;
    }

    public static CommandHeader Create(in SessionChallenge challenge, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Challenge, localNode, peerNode, now);
        var body = header.Message.Body.Bytes;
        Write(body, FirstWord, challenge.Version);
        Write(body, SecondWord, (uint)challenge.Features);
        BinaryPrimitives.WriteUInt128LittleEndian(body[SecondMac..], challenge.Nonce);
        return header;
    }

    public static CommandHeader Create(in SessionProof proof, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Proof, localNode, peerNode, now);
        var body = header.Message.Body.Bytes;
        BinaryPrimitives.WriteUInt128LittleEndian(body[FirstMac..], proof.Mac);
        Write(body, SenderNonce, proof.Nonce);
        return header;
    }

    public static CommandHeader Create(in SessionAccept accept, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Accept, localNode, peerNode, now);
        var body = header.Message.Body.Bytes;
        Write(body, FirstWord, accept.ProcessId);
        BinaryPrimitives.WriteUInt128LittleEndian(body[SecondMac..], accept.Mac);
        header.Copy.Length = accept.IsKnown ? 1 : 0;
        header.AcknowledgeSequence = accept.Delivered;
        return header;
    }

    public static CommandHeader Create(in SessionRefuse refuse, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Refuse, localNode, peerNode, now);
        var body = header.Message.Body.Bytes;
        Write(body, FirstWord, refuse.Version);
        Write(body, SecondWord, (uint)refuse.Reason);
        Write(body, FirstLong, refuse.Detail);
        return header;
    }

    public static CommandHeader CreateAcknowledgement(ulong delivered, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Acknowledge, localNode, peerNode, now);
        header.AcknowledgeSequence = delivered;
        return header;
    }

    public static CommandHeader Create(in SessionClose close, int localNode, int peerNode, Timestamp now)
    {
        var header = Create(SessionMessageType.Close, localNode, peerNode, now);
        Write(header.Message.Body.Bytes, FirstWord, (uint)close.Cause);
        header.AcknowledgeSequence = close.Delivered;
        return header;
    }

    /// <summary>True for a session message of this type.</summary>
    public static bool Is(in CommandHeader header, SessionMessageType type) =>
        header.Command == CommandCode.None && header.Message.Type == (int)type;

    public static bool TryRead(in CommandHeader header, out SessionOpen open)
    {
        var body = header.Message.Body.ReadOnlyBytes;
        open = new SessionOpen(
            Word(body, FirstWord), (SessionFeatures)Word(body, SecondWord), new SessionId(Long(body, FirstLong), Long(body, SecondLong)),
            (uint)header.Copy.Length, (uint)header.Copy.SourceAddress, (uint)header.SendSequence | (header.AcknowledgeSequence << 32),
            header.Copy.DestinationAddress != 0);
        return Is(in header, SessionMessageType.Open);
    }

    public static bool TryRead(in CommandHeader header, out SessionChallenge challenge)
    {
        var body = header.Message.Body.ReadOnlyBytes;
        challenge = new SessionChallenge(
            Word(body, FirstWord), (SessionFeatures)Word(body, SecondWord), BinaryPrimitives.ReadUInt128LittleEndian(body[SecondMac..]));
        return Is(in header, SessionMessageType.Challenge);
    }

    public static bool TryRead(in CommandHeader header, out SessionProof proof)
    {
        var body = header.Message.Body.ReadOnlyBytes;
        proof = new SessionProof(BinaryPrimitives.ReadUInt128LittleEndian(body[FirstMac..]), Long(body, SenderNonce));
        return Is(in header, SessionMessageType.Proof);
    }

    public static bool TryRead(in CommandHeader header, out SessionAccept accept)
    {
        var body = header.Message.Body.ReadOnlyBytes;
        accept = new SessionAccept(
            Long(body, FirstWord), BinaryPrimitives.ReadUInt128LittleEndian(body[SecondMac..]), header.Copy.Length == 1, header.AcknowledgeSequence);
        return Is(in header, SessionMessageType.Accept);
    }

    public static bool TryRead(in CommandHeader header, out SessionRefuse refuse)
    {
        var body = header.Message.Body.ReadOnlyBytes;
        refuse = new SessionRefuse(Word(body, FirstWord), (SessionRefuseReason)Word(body, SecondWord), Long(body, FirstLong));
        return Is(in header, SessionMessageType.Refuse);
    }

    public static bool TryRead(in CommandHeader header, out SessionClose close)
    {
        close = new SessionClose((SessionCloseCause)Word(header.Message.Body.ReadOnlyBytes, FirstWord), header.AcknowledgeSequence);
        return Is(in header, SessionMessageType.Close);
    }

    public static bool TryReadAcknowledgement(in CommandHeader header, out ulong delivered)
    {
        delivered = header.AcknowledgeSequence;
        return Is(in header, SessionMessageType.Acknowledge);
    }

    /// <summary>Writes a lone header as a frame, untouched: for messages before a digest is agreed. Others go by a
    /// <see cref="ControlMessageWriter"/>.</summary>
    public static void WriteFrame(IBufferWriter<byte> output, WireLayout layout, in CommandHeader header)
    {
        layout.Write(output.GetSpan(layout.HeaderSize), in header);
        output.Advance(layout.HeaderSize);
    }

    private static CommandHeader Create(SessionMessageType type, int localNode, int peerNode, Timestamp now) =>
        ControlMessage.Create((ControlType)type, localNode, peerNode, now);

    private static void Write(Span<byte> body, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(body[offset..], value);

    private static void Write(Span<byte> body, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(body[offset..], value);

    private static uint Word(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(body[offset..]);

    private static ulong Long(ReadOnlySpan<byte> body, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(body[offset..]);
}
