using System.Globalization;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Pairing.Control;

/// <summary>
/// Makes a process of this node known on the other nodes of its DC: a remote bind request to each of their proxies, all at once. Stateless. Behaviour:
/// AnnounceTests.
/// </summary>
internal static class ProcessAnnouncer
{
    /// <summary>A peer waits 10 s for its DC to extend to this node before it answers.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Announces; returns once all nodes know the process.</summary>
    /// <exception cref="DvkException">Not all do; the message says of each that does not why.</exception>
    public static async Task AnnounceAsync(
        IReadOnlyList<ProxyPair> pairs, ulong dcNodes, ProcessName process, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var concerned = pairs.Where(pair => (dcNodes & (1UL << pair.NodeId)) != 0 || pair.ServesDc(process.DcId)).ToList();
        if (concerned.Count == 0)
        {
            throw new DvkException(
                DvkError.NodeNotInDc, process.Attempted("the other nodes"),
                Text($"DC {process.DcId} extends to no peer of this proxy: {DvkAdvice.For(DvkCall.Bind, DvkError.NodeNotInDc, dcId: process.DcId)}"));
        }

        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var answers = await Task.WhenAll(concerned.Select(pair => AskAsync(pair, process, either.Token, cancellationToken))).ConfigureAwait(false);
        var refusals = concerned.Zip(answers).Where(static asked => asked.Second < DvkError.Ok).ToList();
        if (refusals.Count > 0)
        {
            var nodes = string.Join(" and ", refusals.Select(static refusal => Text($"node {refusal.First.NodeId}")));
            throw new DvkException(refusals[0].Second, process.Attempted(nodes), string.Join(" ", refusals.Select(refusal => Advise(refusal, process.DcId))));
        }
    }

    // A peer that carries out as many as it may for the moment says so: it is asked again.
    private static async Task<DvkError> AskAsync(ProxyPair pair, ProcessName process, CancellationToken either, CancellationToken callers)
    {
        try
        {
            DvkError answer;
            while ((answer = await pair.Control.RequestRemoteBindAsync(process.DcId, process.Endpoint, process.Name, either).ConfigureAwait(false))
                == DvkError.Again)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), either).ConfigureAwait(false);
            }

            return answer;
        }
        catch (OperationCanceledException) when (!callers.IsCancellationRequested)
        {
            return DvkError.TimedOut;
        }
        catch (InvalidOperationException)
        {
            // So many control messages wait for the connection that there is no room for this one.
            return DvkError.NotConnected;
        }
    }

    private static string Advise((ProxyPair Pair, DvkError Error) refusal, int dcId) => refusal.Error switch
    {
        DvkError.TimedOut => Text(
            $"Node {refusal.Pair.NodeId} ({refusal.Pair.Name}) did not answer: see whether it is connected (GetStatus, 'status'), and whether its proxy")
            + " knows remote bind requests.",
        var error => Text($"Node {refusal.Pair.NodeId} ({refusal.Pair.Name}) answered {error.Describe()}. ")
            + Text($"There: {DvkAdvice.For(DvkCall.Bind, error, dcId: dcId) ?? "see the log of its proxy."}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Which process it is about.</summary>
    internal readonly record struct ProcessName(int DcId, int Endpoint, string Name)
    {
        public string Attempted(string where) => Text($"make process '{Name}' (endpoint {Endpoint} of DC {DcId}) known on {where}");
    }
}
