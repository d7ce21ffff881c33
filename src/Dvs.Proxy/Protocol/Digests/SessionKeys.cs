using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dvs.Proxy.Protocol.Session;

namespace Dvs.Proxy.Protocol.Digests;

/// <summary>
/// What both sides of a handshake compute (HMAC-SHA256) from the secret they share, from what they said to each other and from the fresh random
/// bits of both. Without a secret the key is empty: then the MACs tell a fresh handshake from a recorded one, and keep out who does not see
/// the traffic; with one they also tell who speaks.
/// </summary>
internal sealed class SessionKeys
{
    private const int MacSize = 16;

    private readonly byte[] _connection;
    private readonly byte[] _secret;
    private readonly ulong _process;
    private readonly int _senderNode;
    private readonly int _receiverNode;

    public SessionKeys(
        ReadOnlySpan<byte> secret, int senderNode, int receiverNode, in SessionOpen open, in SessionChallenge challenge, ulong senderNonce)
    {
        (_secret, _process, _senderNode, _receiverNode) = (secret.ToArray(), open.Id.Process, senderNode, receiverNode);
        _connection = new Transcript("dvs session 2 connection")
            .Add(senderNode).Add(receiverNode)
            .Add(open.Version).Add((uint)open.Features).Add(open.Id.Process).Add(open.Id.Number).Add(open.MaxPayload).Add(open.WindowBytes)
            .Add(open.NextNumber).Add(open.IsEstablished ? 1u : 0u)
            .Add(challenge.Version).Add((uint)challenge.Features).Add(challenge.Nonce)
            .Add(senderNonce)
            .Authenticate(secret);
        ProofMac = Cut(new Transcript("sender").Authenticate(_connection));
    }

    /// <summary>What a PROOF has to carry.</summary>
    public UInt128 ProofMac { get; }

    /// <summary>What an ACCEPT has to carry.</summary>
    public UInt128 AcceptMac(ulong process, bool isKnown, ulong delivered) =>
        Cut(new Transcript("receiver").Add(process).Add(isKnown ? 1u : 0u).Add(delivered).Authenticate(_connection));

    /// <summary>Key of the digests of one kind of frames, 32 bytes. That of commands is the same for all sessions and connections of a sender,
    /// whose numbers go on through all of them: frames are sent again as they are. Those of control messages are the connection's.</summary>
    public byte[] DeriveKey(FrameDigestUse use) => use == FrameDigestUse.Commands
        ? DeriveCommandKey(_secret, _process, _senderNode, _receiverNode)
        : new Transcript("control").Add((uint)use).Authenticate(_connection);

    /// <summary>The key of <see cref="FrameDigestUse.Commands"/>, which a sender needs before there is a connection.</summary>
    public static byte[] DeriveCommandKey(ReadOnlySpan<byte> secret, ulong process, int senderNode, int receiverNode) =>
        new Transcript("dvs session 2 commands").Add(process).Add(senderNode).Add(receiverNode).Authenticate(secret);

    /// <summary>Compares two MACs in a time that does not tell how far they agree.</summary>
    public static bool AreEqual(UInt128 left, UInt128 right)
    {
        Span<byte> bytes = stackalloc byte[2 * MacSize];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, left);
        BinaryPrimitives.WriteUInt128LittleEndian(bytes[MacSize..], right);
        return CryptographicOperations.FixedTimeEquals(bytes[..MacSize], bytes[MacSize..]);
    }

    private static UInt128 Cut(byte[] mac) => BinaryPrimitives.ReadUInt128LittleEndian(mac);

    // Fields of fixed widths, little-endian, behind a label that ends with a zero: no two contents look alike.
    private sealed class Transcript
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public Transcript(string label)
        {
            _bytes.Write(Encoding.ASCII.GetBytes(label));
            _bytes.Write("\0"u8);
        }

        public Transcript Add(int value) => Add((uint)value);

        public Transcript Add(uint value)
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            _bytes.Write(bytes);
            return this;
        }

        public Transcript Add(ulong value) => Add((uint)value).Add((uint)(value >> 32));

        public Transcript Add(UInt128 value) => Add((ulong)value).Add((ulong)(value >> 64));

        public byte[] Authenticate(ReadOnlySpan<byte> key) => HMACSHA256.HashData(key, _bytes.WrittenSpan);
    }
}
