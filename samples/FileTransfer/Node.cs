using System.Net;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing;
using Microsoft.Extensions.Options;

namespace FileTransfer;

/// <summary>What the command line says about this node.</summary>
/// <param name="Device"><see cref="Emulated"/>, or the path of the kernel driver's device.</param>
/// <param name="NodeId">Id of this node, for the emulated driver; the kernel's has its own.</param>
/// <param name="PeerId">Id of the other node.</param>
/// <param name="Host">Host of the other node.</param>
/// <param name="ListenPort">Port of ours that its proxy connects to; null for 3000 + its id.</param>
/// <param name="ConnectPort">Port of its proxy; null for 3000 + our id.</param>
/// <param name="DcId">The DC.</param>
internal sealed record NodeSettings(string Device, int NodeId, int PeerId, string Host, int? ListenPort, int? ConnectPort, int DcId)
{
    /// <summary>The word for the driver that lives in this process.</summary>
    public const string Emulated = "emulated";
}

/// <summary>
/// The node that this program is part of. With the kernel driver everything is there already: the operator has started DC and proxy. The emulated driver is
/// this process's own, and so is the proxy that serves it.
/// </summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly NodeSettings _settings;
    private MultiNodeProxy? _proxy;

    /// <exception cref="DvkException">The driver cannot be had.</exception>
    public Node(NodeSettings settings)
    {
        _settings = settings;
        if (HasOwnProxy)
        {
            Device = EmulatedDvk.StartNode(settings.NodeId);
            Device.StartDc(new DcInfo { DcId = settings.DcId, Name = $"DC{settings.DcId}" });
        }
        else
        {
            Device = KernelDvkDevice.Open(new KernelDvkDeviceOptions { Path = settings.Device });
        }
    }

    /// <summary>The driver.</summary>
    public IDvkDevice Device { get; }

    /// <summary>Whether the proxy is this process's.</summary>
    public bool HasOwnProxy => _settings.Device == NodeSettings.Emulated;

    /// <summary>Starts the proxy, where it is this process's to start. Once it is stopped, another one can be started.</summary>
    public async Task StartProxyAsync(CancellationToken cancellation)
    {
        if (HasOwnProxy)
        {
            var peer = new PeerOptions
            {
                Name = $"node{_settings.PeerId}",
                Host = _settings.Host,
                ProxyId = _settings.PeerId,
                ListenHost = IPAddress.TryParse(_settings.Host, out var address) && IPAddress.IsLoopback(address) ? _settings.Host : null,
                ListenPort = _settings.ListenPort,
                ConnectPort = _settings.ConnectPort,

                // Makes the other node's clients known here when they first ask. The server is made known there by the client.
                AutoBind = true,

                // A transfer goes on by itself, so processes are to hear of a broken connection at once, instead of when it is back.
                ResumeWindow = TimeSpan.Zero,
                Dcs = { _settings.DcId },
            };
            _proxy = new MultiNodeProxy(Device, Options.Create(new ProxyOptions { Peers = { peer } }));
            await _proxy.StartAsync(cancellation);
        }
    }

    /// <summary>Stops the proxy; processes that wait for the other node fail.</summary>
    public async Task StopProxyAsync()
    {
        if (_proxy is { } proxy)
        {
            _proxy = null;
            await proxy.DisposeAsync();
        }
    }

    /// <summary>Ends proxy and driver.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopProxyAsync();
        Device.Dispose();
    }
}
