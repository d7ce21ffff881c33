using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dvs.Proxy.Transport.Unix;

/// <summary>
/// The file of a listening Unix-domain socket. The system leaves it behind when a process dies, and then nobody can listen there; removing it blindly
/// would take it from a process that lives. So whoever listens holds a lock (flock) on a file beside it, <c>PATH.lock</c>, which ends with the process:
/// who gets the lock may remove what is left. The lock's file stays. Owns the lock, and the socket's file once <see cref="Own"/> was called.
/// </summary>
internal sealed partial class UnixSocketFile : IDisposable
{
    // statx(2), whose record is the same on every architecture.
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint StatusType = 1; // STATX_TYPE
    private const int StatusModeOffset = 28; // stx_mode
    private const int TypeMask = 0xF000; // S_IFMT
    private const int SocketFileType = 0xC000; // S_IFSOCK

    private readonly string _path;
    private readonly FileStream _lock;
    private bool _isOwned;

    private UnixSocketFile(string path, FileStream fileLock) => (_path, _lock) = (path, fileLock);

    /// <summary>Takes the place, and removes what a dead process left there.</summary>
    /// <param name="path">The socket's file.</param>
    /// <param name="purpose">What could not be done, for the message.</param>
    /// <exception cref="ProxyTransportException">Somebody listens there, or it is no socket, or the directory does not let us.</exception>
    internal static UnixSocketFile Claim(string path, string purpose)
    {
        FileStream fileLock;
        try
        {
            fileLock = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (DirectoryNotFoundException failure)
        {
            throw new ProxyTransportException($"{purpose}: there is no directory {Path.GetDirectoryName(path)}: create it.", failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new ProxyTransportException($"{purpose}: permission denied: this user may not create files in {Path.GetDirectoryName(path)}.", failure);
        }
        catch (IOException failure)
        {
            throw new ProxyTransportException($"{purpose}: the path is in use: another program, or another instance, holds {path}.lock "
                + $"({failure.Message.TrimEnd('.')}).", failure);
        }

        try
        {
            RemoveLeftOver(path, purpose);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }

        return new UnixSocketFile(path, fileLock);
    }

    /// <summary>The socket is bound: its file is to be removed in the end.</summary>
    internal void Own(UnixFileMode mode)
    {
        _isOwned = true;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_path, mode);
        }
    }

    public void Dispose()
    {
        if (_isOwned)
        {
            try
            {
                File.Delete(_path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // It stays behind, as after a death: the next one removes it.
            }
        }

        _lock.Dispose();
    }

    private static void RemoveLeftOver(string path, string purpose)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new ProxyTransportException($"{purpose}: there is a file there that is no socket: choose another path, or remove it.");
        }

        // A program that knows nothing of the lock may listen there.
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException failure)
        {
            throw ProxyTransportException.Of(purpose, failure);
        }

        throw new ProxyTransportException($"{purpose}: the path is in use: another program listens there.");
    }

    // The framework tells everything of a file but this.
    private static unsafe bool IsSocket(string path)
    {
        var status = stackalloc byte[256];
        return ReadStatus(CurrentDirectory, path, NoFollow, StatusType, status) == 0
            && (*(ushort*)(status + StatusModeOffset) & TypeMask) == SocketFileType;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int ReadStatus(int directory, string path, int flags, uint mask, byte* status);
}
