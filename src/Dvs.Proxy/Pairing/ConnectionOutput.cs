using System.IO.Pipelines;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Control;
using Dvs.Proxy.Transport.Pipes;

namespace Dvs.Proxy.Pairing;

/// <summary>What both directions do with the output of a connection. Stateless; the writing thread only.</summary>
internal static class ConnectionOutput
{
    /// <summary>Sends a control message at once.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    public static void Send(this PipeWriter output, ControlMessageWriter control, in CommandHeader message)
    {
        control.Write(output, in message);
        RequireOpen(output.FlushBlocking());
    }

    /// <summary>Judges a flush.</summary>
    /// <exception cref="ConnectionEndException">The connection takes no more.</exception>
    public static void RequireOpen(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new ConnectionEndException(ConnectionEnd.TakesNoMore);
        }
    }
}
