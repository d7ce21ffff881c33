using System.Text;
using Dvs.Proxy.Tool.Streams;

namespace Dvs.Proxy.Tool.Control;

/// <summary>What a file is, and whose.</summary>
internal enum UnixFileKind
{
    Other,
    Folder,
    Socket,
    SymbolicLink,
}

/// <summary>What <c>lstat</c> says of a file; the framework tells neither owner nor sockets.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">Id of the user.</param>
/// <param name="Mode">Who may do what.</param>
internal readonly record struct UnixFileStatus(UnixFileKind Kind, uint Owner, UnixFileMode Mode)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int StatusLength = 256;
    private const int OwnerOffset = 20;
    private const int ModeOffset = 28;
    private const int KindMask = 0xF000;
    private const int PermissionMask = 0xFFF;

    /// <summary>Reads it; null where there is nothing, or nothing that may be looked at, or where the system cannot say (it is not Linux).</summary>
    public static UnixFileStatus? Read(string path)
    {
        // struct statx is the same on every processor; struct stat is not.
        var status = new byte[StatusLength];
        if (!OperatingSystem.IsLinux() || Libc.ReadFileStatus(CurrentFolder, Encoding.UTF8.GetBytes($"{path}\0"), NoFollow, TypeModeAndOwner, status) != 0)
        {
            return null;
        }

        var mode = BitConverter.ToUInt16(status, ModeOffset);
        return new UnixFileStatus(
            (mode & KindMask) switch
            {
                0x4000 => UnixFileKind.Folder,
                0xC000 => UnixFileKind.Socket,
                0xA000 => UnixFileKind.SymbolicLink,
                _ => UnixFileKind.Other,
            },
            BitConverter.ToUInt32(status, OwnerOffset),
            (UnixFileMode)(mode & PermissionMask));
    }
}
