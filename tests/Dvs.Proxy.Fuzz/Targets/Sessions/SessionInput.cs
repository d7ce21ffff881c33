using System.Buffers.Binary;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Fuzz.Targets.Sessions;

/// <summary>How an input of the session target is cut up: one byte of options, then connections, each a 16-bit length and what the peer says
/// on it.</summary>
internal static class SessionInput
{
    public const int OptionBytes = 1;
    public const int LengthBytes = sizeof(ushort);

    private const int Ilp32 = 1;
    private const int AttackSender = 2;
    private const int Digest = 4;
    private const int AtLeastOnce = 8;

    public static byte Options(DataModel model, bool attackSender, bool digest, bool atLeastOnce) =>
        (byte)((model == DataModel.Ilp32 ? Ilp32 : 0) | (attackSender ? AttackSender : 0) | (digest ? Digest : 0) | (atLeastOnce ? AtLeastOnce : 0));

    public static DataModel Model(byte options) => (options & Ilp32) != 0 ? DataModel.Ilp32 : DataModel.Lp64;

    public static bool AttacksSender(byte options) => (options & AttackSender) != 0;

    public static bool WantsDigest(byte options) => (options & Digest) != 0;

    public static bool WantsAtLeastOnce(byte options) => (options & AtLeastOnce) != 0;

    /// <summary>The next connection's bytes; false at the end.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> rest, out ReadOnlyMemory<byte> connection)
    {
        connection = default;
        if (rest.Length < LengthBytes)
        {
            return false;
        }

        var length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(rest.Span), rest.Length - LengthBytes);
        connection = rest.Slice(LengthBytes, length);
        rest = rest[(LengthBytes + length)..];
        return true;
    }
}
