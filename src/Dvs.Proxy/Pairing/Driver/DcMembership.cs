using System.Numerics;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Diagnostics.Logging;
using Microsoft.Extensions.Logging;

namespace Dvs.Proxy.Pairing.Driver;

/// <summary>
/// Sees to it that DCs extend to the peers' nodes without an operator. The driver may forget it when the threads of a pair end, and does
/// when both directions were disconnected before; so what it still shows is noted before the first pair is registered: a DC that extends to
/// the node, or in which processes of the node are bound. What the options name (<see cref="PeerOptions.Dcs"/>) holds at any time. Owns
/// what was noted. One thread at a time. Behaviour: DcMembershipTests.
/// </summary>
internal sealed class DcMembership
{
    private readonly IDvkProxyCalls _device;
    private readonly IDvkAdministrationCalls? _administration;
    private readonly ILogger _logger;
    private readonly Member[] _members;

    /// <summary>Notes what the driver shows at this moment.</summary>
    public DcMembership(IDvkProxyCalls device, DvsInfo limits, IReadOnlyList<ResolvedPeer> peers, ILogger logger)
    {
        _device = device;
        _administration = device as IDvkAdministrationCalls;
        _logger = logger;
        _members = [.. peers.Select(static peer => new Member(peer))];
        if (_administration is null)
        {
            if (peers.Any(static peer => peer.Dcs != 0))
            {
                ProxyLog.NoAdministration(logger);
            }

            return;
        }

        for (var dcId = 0; dcId < limits.MaxDcs; dcId++)
        {
            if (FindRunning(dcId) is { } dc)
            {
                Note(dc);
            }
        }
    }

    /// <summary>Once the nodes are attached: lets the DCs extend to them again that did, and those that the options name.</summary>
    public void Restore()
    {
        foreach (var member in _members)
        {
            AddTo(member, member.Noted & ~member.Peer.Dcs, "it did before this proxy started");
            AddTo(member, member.Peer.Dcs, "configured");
        }
    }

    /// <summary>To be called now and then: a DC that the options name may have been started, or have lost the node.</summary>
    public void Watch()
    {
        foreach (var member in _members)
        {
            AddTo(member, member.Peer.Dcs, "configured");
        }
    }

    private void Note(DcInfo dc)
    {
        ulong ofProcesses = 0;
        if (_members.Any(member => (dc.Nodes & member.NodeBit) == 0))
        {
            ofProcesses = NodesOfProcesses(dc);
        }

        foreach (var member in _members)
        {
            if (((dc.Nodes | ofProcesses) & member.NodeBit) != 0)
            {
                member.Noted |= 1UL << dc.DcId;
            }
        }
    }

    private ulong NodesOfProcesses(DcInfo dc)
    {
        ulong nodes = 0;
        for (var number = -dc.MaxTasks; number < dc.MaxProcesses; number++)
        {
            try
            {
                var process = _device.GetProcessInfo(dc.DcId, number);
                if ((process.Status & (ProcessStatus.SlotFree | ProcessStatus.Remote)) == ProcessStatus.Remote && process.NodeId >= 0)
                {
                    nodes |= 1UL << process.NodeId;
                }
            }
            catch (DvkException)
            {
                return nodes; // the DC was ended meanwhile
            }
        }

        return nodes;
    }

    private void AddTo(Member member, ulong dcs, string reason)
    {
        for (; _administration is not null && dcs != 0; dcs &= dcs - 1)
        {
            var dcId = BitOperations.TrailingZeroCount(dcs);
            if (FindRunning(dcId) is { } dc && (dc.Nodes & member.NodeBit) == 0)
            {
                Add(_administration, member, dcId, reason);
            }
        }
    }

    private void Add(IDvkAdministrationCalls administration, Member member, int dcId, string reason)
    {
        try
        {
            administration.AddNode(dcId, member.Peer.NodeId);
            member.Refused &= ~(1UL << dcId);
            ProxyLog.NodeAddedAgain(_logger, member.Peer.Name, dcId, member.Peer.NodeId, reason);
        }
        catch (DvkException exception)
        {
            // An operator may be quicker; and what is refused for long is said once.
            if (exception.Error != DvkError.NodeInDc && (member.Refused & (1UL << dcId)) == 0)
            {
                member.Refused |= 1UL << dcId;
                ProxyLog.NodeNotAdded(_logger, member.Peer.Name, dcId, member.Peer.NodeId, exception.Message);
            }
        }
    }

    private DcInfo? FindRunning(int dcId)
    {
        try
        {
            return _device.GetDcInfo(dcId) is { IsRunning: true } dc ? dc : null;
        }
        catch (DvkException)
        {
            return null;
        }
    }

    private sealed class Member(ResolvedPeer peer)
    {
        public ResolvedPeer Peer { get; } = peer;

        public ulong NodeBit { get; } = 1UL << peer.NodeId;

        /// <summary>DCs that extended to the node before the proxy started.</summary>
        public ulong Noted { get; set; }

        /// <summary>DCs that would not, which was logged.</summary>
        public ulong Refused { get; set; }
    }
}
