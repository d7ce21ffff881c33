using System.Net.Sockets;

namespace Dvs.Proxy.Transport.Sockets;

/// <summary>Socket errors in words that tell an operator what is the matter.</summary>
internal static class SocketErrorText
{
    internal static string Of(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused: nobody listens there",
        SocketError.ConnectionReset => "the peer reset the connection",
        SocketError.ConnectionAborted => "the connection was aborted",
        SocketError.Shutdown => "the peer closed the connection",
        SocketError.TimedOut => "no answer: timed out",
        SocketError.HostNotFound or SocketError.NoData => "the name cannot be resolved: check spelling, /etc/hosts and DNS",
        SocketError.TryAgain => "the name cannot be resolved right now: the name server does not answer",
        SocketError.NoRecovery => "the name cannot be resolved: the name server failed",
        SocketError.HostUnreachable => "no route to the host",
        SocketError.NetworkUnreachable => "no route to the network",
        SocketError.NetworkDown => "the network is down",
        SocketError.AddressAlreadyInUse => "the address is in use: another program, or another instance, listens there",
        SocketError.AddressNotAvailable => "the address is not one of this machine",
        SocketError.AccessDenied => "permission denied: ports below 1024 need a privilege",
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported
            => "this machine does not support addresses of this kind",
        SocketError.TooManyOpenSockets => "too many open files in this process: raise the limit (ulimit -n)",
        SocketError.NoBufferSpaceAvailable => "the system has no memory for sockets left",
        _ => $"socket error {error} ({(int)error})",
    };
}
