using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel;

namespace Dvs.Proxy.Conformance.Traffic;

/// <summary>Who talks to whom.</summary>
internal sealed record TrafficArguments
{
    /// <summary>Largest copy, as the driver has it by default.</summary>
    public const int MaxBytes = 1 << 20;

    public string Device { get; init; } = KernelDvkDevice.DefaultPath;

    public int Dc { get; init; }

    /// <summary>Own endpoint.</summary>
    public int Endpoint { get; init; }

    /// <summary>Endpoint of the other.</summary>
    public int Peer { get; init; }

    /// <summary>Node of the other.</summary>
    public int PeerNode { get; init; }

    public TrafficKind Kind { get; init; } = TrafficKind.Echo;

    public int Loops { get; init; } = 1;

    /// <summary>Bytes of a copy.</summary>
    public int Bytes { get; init; }

    /// <summary>How long a call may take.</summary>
    public int TimeoutMilliseconds { get; init; } = 30_000;

    /// <summary>Binds the calling thread, and makes the other known where it lives on another node.</summary>
    /// <exception cref="DvkException">Refused.</exception>
    public void Bind(IDvkDevice device)
    {
        DvkException.ThrowIfFailed(device.TryBind(BindRequest.Self(Dc, Endpoint), out _), $"bind endpoint {Endpoint} of DC {Dc}");
        if (PeerNode == device.LocalNodeId)
        {
            return;
        }

        var error = device.TryBind(BindRequest.Remote(Dc, Peer, PeerNode, "traffic"), out _);
        if (error != DvkError.SlotUsed)
        {
            DvkException.ThrowIfFailed(error, $"bind endpoint {Peer} of DC {Dc} on node {PeerNode}");
        }
    }
}
