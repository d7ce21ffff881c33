using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Dvs.Proxy.Protocol.Session;

/// <summary>
/// What a session is known by: 128 random bits of its sender, named in OPEN and nowhere else, so that whoever has not seen it cannot speak for
/// the session.
/// </summary>
/// <param name="Process">Constant for the life of a sender, not 0: two with different ones are two senders.</param>
/// <param name="Number">Another one for every session of the sender, not 0.</param>
internal readonly record struct SessionId(ulong Process, ulong Number)
{
    /// <summary>False where the id names no session.</summary>
    public bool IsValid => Process != 0 && Number != 0;

    /// <summary>64 random bits, not 0.</summary>
    public static ulong CreatePart()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(BinaryPrimitives.ReadUInt64LittleEndian(bytes), 1);
    }
}
