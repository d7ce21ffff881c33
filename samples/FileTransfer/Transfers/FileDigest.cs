using System.Security.Cryptography;
using Dvs.Proxy.Messages.Fields;

namespace FileTransfer.Transfers;

/// <summary>The MD5 of a file, as the message form MB carries it.</summary>
internal static class FileDigest
{
    /// <summary>Of all the file, wherever it stands.</summary>
    public static MessageBytes Of(FileStream file)
    {
        file.Position = 0;
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // It is the form's; it finds errors of the transfer and keeps nobody out.
        MD5.HashData(file, digest);
#pragma warning restore CA5351
        return new MessageBytes(digest);
    }
}
