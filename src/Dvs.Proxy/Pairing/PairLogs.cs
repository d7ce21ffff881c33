using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Pairing;

/// <summary>
/// Limits for what a pair logs again and again, one for each kind of message: a peer that accepts and closes, or connects and leaves, all day
/// long does not fill a disk. What is left out is counted in the status all the same.
/// </summary>
internal sealed class PairLogs(ProxyEnvironment environment)
{
    /// <summary>The driver failed a command.</summary>
    public LogThrottle Fetch { get; } = environment.CreateLogThrottle();

    /// <summary>The driver refused a command.</summary>
    public LogThrottle Delivery { get; } = environment.CreateLogThrottle();

    /// <summary>A copy was answered and not handed to the driver.</summary>
    public LogThrottle CopyRefused { get; } = environment.CreateLogThrottle();

    /// <summary>The answer to a command that was not handed to the driver found no way.</summary>
    public LogThrottle RefusalNotSent { get; } = environment.CreateLogThrottle();

    /// <summary>The sender could not connect.</summary>
    public LogThrottle ConnectFailed { get; } = environment.CreateLogThrottle();

    /// <summary>The sender connected.</summary>
    public LogThrottle SenderConnected { get; } = environment.CreateLogThrottle();

    /// <summary>The sender lost its connection.</summary>
    public LogThrottle SenderLost { get; } = environment.CreateLogThrottle();

    /// <summary>A session went on after its connection was lost.</summary>
    public LogThrottle Resumed { get; } = environment.CreateLogThrottle();

    /// <summary>The receiver was connected to.</summary>
    public LogThrottle ReceiverConnected { get; } = environment.CreateLogThrottle();

    /// <summary>The receiver lost its connection.</summary>
    public LogThrottle ReceiverLost { get; } = environment.CreateLogThrottle();

    /// <summary>A connection took the place of another.</summary>
    public LogThrottle Replaced { get; } = environment.CreateLogThrottle();

    /// <summary>Another process speaks for the peer's node.</summary>
    public LogThrottle AnotherProcess { get; } = environment.CreateLogThrottle();

    /// <summary>A frame was malformed.</summary>
    public LogThrottle Malformed { get; } = environment.CreateLogThrottle();

    /// <summary>A frame was damaged.</summary>
    public LogThrottle Damaged { get; } = environment.CreateLogThrottle();

    /// <summary>A TLS handshake went well, in either direction.</summary>
    public LogThrottle Secured { get; } = environment.CreateLogThrottle();
}
