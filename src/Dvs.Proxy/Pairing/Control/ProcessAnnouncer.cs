using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>
/// Makes a process of this node known on the other nodes of its DC: a remote bind request to each of their proxies, all at once. Any thread. Behaviour:
/// AnnounceTests.
/// </summary>
internal sealed class ProcessAnnouncer(IDvkProxyCalls device, IReadOnlyList<ProxyPair> pairs, TimeProvider time)
{
    /// <summary>A peer waits 10 s for its DC to extend to this node before it answers.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Announces; returns once all nodes know the process, and this node's DC extends to them, so that their messages to it are let in.</summary>
    /// <exception cref="DvkException">Not all do; the message says of each that does not why.</exception>
    public async Task AnnounceAsync(AnnouncedProcess process, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var concerned = pairs.Where(pair => pair.ServesDc(process.DcId) || Extends(process.DcId, pair.NodeId)).ToList();
        if (concerned.Count == 0)
        {
            throw DvkAdvice.Refusal(DvkCall.Bind, DvkError.NodeNotInDc, process.Attempted("the other nodes"), dcId: process.DcId);
        }

        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answers = await Task.WhenAll(concerned.Select(pair => AskAsync(pair, process, either.Token))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var refusals = concerned.Zip(answers).Where(static asked => asked.Second < DvkError.Ok).ToList();
        if (refusals.Count > 0)
        {
            var nodes = string.Join(" and ", refusals.Select(static refusal => Text($"node {refusal.First.NodeId}")));
            throw new DvkException(refusals[0].Second, process.Attempted(nodes), string.Join(" ", refusals.Select(refusal => Advise(refusal, process.DcId))));
        }
    }

    private async Task<DvkError> AskAsync(ProxyPair pair, AnnouncedProcess process, CancellationToken giveUp)
    {
        try
        {
            DvkError answer;

            // A peer that has carried out as many as it may for the moment says so: it is asked again.
            while ((answer = await pair.Control.RequestRemoteBindAsync(process.DcId, process.Endpoint, process.Name, giveUp).ConfigureAwait(false))
                == DvkError.Again)
            {
                await Task.Delay(PollInterval, time, giveUp).ConfigureAwait(false);
            }

            while (answer == DvkError.Ok && !Extends(process.DcId, pair.NodeId))
            {
                await Task.Delay(PollInterval, time, giveUp).ConfigureAwait(false);
            }

            return answer;
        }
        catch (OperationCanceledException)
        {
            return DvkError.TimedOut;
        }
        catch (InvalidOperationException)
        {
            // So many control messages wait for the connection that there is no room for this one.
            return DvkError.NotConnected;
        }
    }

    private bool Extends(int dcId, int nodeId)
    {
        var dc = device.GetDcInfo(dcId);
        return dc.IsRunning && (dc.Nodes & (1UL << nodeId)) != 0;
    }

    private static string Advise((ProxyPair Pair, DvkError Error) refusal, int dcId) => refusal.Error switch
    {
        DvkError.TimedOut => Text($"Node {refusal.Pair.NodeId} ({refusal.Pair.Name}) did not answer in time: ")
            + "see whether it is connected (GetStatus, 'status'), and whether its proxy knows remote bind requests.",
        var error => Text($"Node {refusal.Pair.NodeId} ({refusal.Pair.Name}) answered {error.Describe()}. ")
            + Text($"There: {DvkAdvice.For(DvkCall.Bind, error, dcId: dcId) ?? "see the log of its proxy."}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
