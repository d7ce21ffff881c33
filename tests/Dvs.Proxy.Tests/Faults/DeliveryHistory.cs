using System.Globalization;
using System.Security.Cryptography;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>What a history has to be.</summary>
internal enum DeliveryPromise
{
    /// <summary>All of it, once, in order: a session.</summary>
    ExactlyOnce,

    /// <summary>Some of it may be missing, the rest is in order, once and intact: a classic connection whose bytes are cut off, but not changed.</summary>
    AtMostOnce,
}

/// <summary>
/// What the driver of one node handed out for another, to be compared with what that one's driver was given: every field of the headers
/// that is not the proxies' own, and the MD5 of the blocks. Commands are known by their <c>m_type</c>: no two of a history may share one.
/// </summary>
internal sealed class DeliveryHistory
{
    private const int MostReported = 10;

    private readonly List<string> _handedOut = [];
    private readonly Dictionary<int, int> _places = [];

    /// <summary>Commands handed out.</summary>
    public int Count => _handedOut.Count;

    /// <summary>The driver hands out a command, the next one.</summary>
    public void HandOut(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        _places.Add(header.Message.Type, _handedOut.Count);
        _handedOut.Add(Fingerprint(in header, payload));
    }

    /// <summary>Everything that is wrong with what was delivered; nothing if the promise was kept.</summary>
    public IReadOnlyList<string> Check(IEnumerable<(CommandHeader Header, byte[] Payload)> delivered, DeliveryPromise promise)
    {
        var problems = new List<string>();
        var seen = new HashSet<int>();
        var last = -1;
        var at = 0;
        foreach (var (header, payload) in delivered)
        {
            CheckOne(in header, payload, at++, seen, ref last, promise, problems);
        }

        if (promise == DeliveryPromise.ExactlyOnce && seen.Count < _handedOut.Count)
        {
            var missing = Enumerable.Range(0, _handedOut.Count).Where(place => !seen.Contains(place)).ToList();
            problems.Add(Text($"lost: {missing.Count} of {_handedOut.Count} commands, the first is number {missing[0]}"));
        }

        return problems.Count <= MostReported ? problems : [.. problems.Take(MostReported), Text($"and {problems.Count - MostReported} more")];
    }

    private void CheckOne(
        in CommandHeader header, byte[] payload, int at, HashSet<int> seen, ref int last, DeliveryPromise promise, List<string> problems)
    {
        if (!_places.TryGetValue(header.Message.Type, out var place))
        {
            problems.Add(Text($"invented: delivery {at} is {header}, which nobody handed out"));
            return;
        }

        if (Fingerprint(in header, payload) != _handedOut[place])
        {
            problems.Add(Text($"corrupt: delivery {at}, command {place}: {Fingerprint(in header, payload)} instead of {_handedOut[place]}"));
        }

        if (!seen.Add(place))
        {
            problems.Add(Text($"repeated: delivery {at} is command {place} once more"));
        }
        else if (place < last)
        {
            problems.Add(Text($"reordered: delivery {at} is command {place}, behind command {last}"));
        }
        else if (promise == DeliveryPromise.ExactlyOnce && place != last + 1)
        {
            problems.Add(Text($"gap: delivery {at} is command {place}, behind command {last}"));
        }

        last = Math.Max(last, place);
    }

    // The proxies' own fields: flags, sequence numbers, batch count.
    private static string Fingerprint(in CommandHeader header, ReadOnlySpan<byte> payload)
    {
        var command = header;
        command.Flags = CommandFlags.None;
        command.SendSequence = 0;
        command.AcknowledgeSequence = 0;
        command.BatchCount = 0;
        Span<byte> bytes = stackalloc byte[WireLayout.Lp64.HeaderSize];
        WireLayout.Lp64.Write(bytes, in command);
#pragma warning disable CA5351 // A fingerprint, not a secret.
        return $"{Convert.ToHexString(MD5.HashData(bytes))}/{Convert.ToHexString(MD5.HashData(payload))}";
#pragma warning restore CA5351
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
