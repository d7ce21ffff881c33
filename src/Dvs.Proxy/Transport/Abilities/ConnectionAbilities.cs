namespace Dvs.Proxy.Transport.Abilities;

/// <summary>What the proxy asks of connections that may lack an ability, and what holds for those that do: one place for the defaults.</summary>
internal static class ConnectionAbilities
{
    /// <summary>True where it is known that the peer has closed its direction, or that the connection broke. Any thread that keeps it from being
    /// disposed of.</summary>
    public static bool HasPeerEnded(this ProxyConnection connection) => connection.GetAbility<IConnectionProbe>() is { HasPeerEnded: true };

    /// <summary>False where it is known that a flush of a little might have to wait for the peer to read. The writing thread only.</summary>
    public static bool CanWriteAtOnce(this ProxyConnection connection) => connection.GetAbility<IConnectionProbe>() is not { CanWriteAtOnce: false };

    /// <summary>As <see cref="ITimedReads.SetReadTimeout"/>, where the connection can. The reading thread only.</summary>
    /// <returns>False where it cannot.</returns>
    public static bool TrySetReadTimeout(this ProxyConnection connection, TimeSpan timeout)
    {
        if (connection.GetAbility<ITimedReads>() is not { } reads)
        {
            return false;
        }

        reads.SetReadTimeout(timeout);
        return true;
    }
}
