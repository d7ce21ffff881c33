using System.Globalization;
using System.Text;
using CsCheck;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>Whatever stands in a file, reading it ends, never throws, and what is valid comes back as it was meant.</summary>
public class ClassicPropertyTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", ";", ";", "\"", "\\", "#", "\n", "\r\n", "\t", " ", "node", "proxy", "tls", "PROXYID", "0x1F", "017", "-5", "99999999999999999999", "YES", "no", "ANY",
        "10.0.0.0/8", "::1", "ñ", "\u202e", "\u0007", "\ud800", "word", .. ClassicConfiguration.DescribeKeys().Select(key => key.Name),
    ];

    private static readonly Gen<string> Soup = Gen.OneOf(Pieces).Array[0, 80].Select(pieces => string.Join(" ", pieces));

    private static readonly Gen<string> DenseSoup = Gen.OneOf(Pieces).Array[0, 80].Select(string.Concat);

    private static readonly Gen<string?> Host = Gen.OneOf(null, "node7", "10.1.2.3", "::1", "a-b.example.org");

    private static readonly Gen<PeerOptions> Peer = Gen.Select(
        Gen.Select(Host, Host, Gen.Int[61_024, 65_500].Nullable(), Gen.Int[1, 65_535].Nullable()),
        Gen.Select(Gen.Bool.Array[3], Gen.Enum<PayloadCompression>()),
        Gen.Select(Gen.Int[1, 100_000], Gen.Int[1, 100_000], Gen.Bool.Nullable(), Gen.Int[1, 9_999], Gen.Int[0, 9_999]),
        Gen.OneOf("10.0.0.0/8", "192.168.1.7", "fe80::/10", "::1").Array[0, 4],
        (hosts, switches, times, allow) => new PeerOptions
        {
            Host = hosts.Item1,
            ListenHost = hosts.Item2,
            ListenPort = hosts.Item3,
            ConnectPort = hosts.Item4,
            Compress = switches.Item2,
            Batch = switches.Item1[0],
            AutoBind = switches.Item1[1],
            FillInSourceProcessId = switches.Item1[2],
            HelloPeriod = TimeSpan.FromSeconds(times.Item1),
            IdleTimeout = times.Item3 switch { null => null, false => TimeSpan.Zero, true => TimeSpan.FromSeconds(times.Item1 + times.Item2) },
            BackoffMinimum = TimeSpan.FromMilliseconds(times.Item4),
            BackoffMaximum = TimeSpan.FromMilliseconds(times.Item4 + times.Item5),
            Allow = [.. allow],
        });

    private static readonly Gen<ProxyOptions> Options = Gen.Select(
        Gen.Int[0, 31], Gen.Int[1, 60_000], Gen.Enum<DataModel>(), Peer.Array[1, 31],
        (nodeId, basePort, abi, peers) =>
        {
            var options = new ProxyOptions { NodeId = nodeId, NodeName = "local", BasePort = basePort, DataModel = abi };
            for (var i = 0; i < peers.Length; i++)
            {
                peers[i].ProxyId = i < nodeId ? i : i + 1;
                peers[i].ListenPort += peers[i].ProxyId - peers[i].ListenPort % 32; // ports that are shared need hosts that agree
                peers[i].Name = "node" + peers[i].ProxyId.ToString(CultureInfo.InvariantCulture);
                options.Peers.Add(peers[i]);
            }

            return options;
        });

    [Fact]
    public void Random_words_never_throw() => Gen.OneOf(Soup, DenseSoup).Sample(Read, iter: 3_000);

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 400].Sample(bytes => Read(Encoding.UTF8.GetString(bytes)), iter: 2_000);

    [Fact]
    public void Damaged_good_files_never_throw() =>
        Gen.Select(Gen.OneOf(FieldNotes.Corrected, FieldNotes.Described, FieldNotes.OneProxy), Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 12], Gen.OneOf(Pieces)).Array[1, 4])
            .Sample((text, changes) => Read(changes.Aggregate(text, Damage)), iter: 3_000);

    [Fact]
    public void One_lost_semicolon_or_brace_is_one_error_and_hides_no_other()
    {
        // The last statement is wrong, too: that must show whatever was lost before it.
        var text = FieldNotes.Corrected.Replace("autobind\tNO", "autobind\tMAYBE", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is not (';' or '{' or '}'))
            {
                continue;
            }

            var file = ClassicConfiguration.Parse(text.Remove(i, 1), "f");
            Assert.Contains(file.Diagnostics, found => found.Found == "\"MAYBE\"");
            Assert.True(file.Diagnostics.Count == 2, $"lost {text[i]} at {i}:\n{string.Join('\n', file.Diagnostics)}");
        }
    }

    [Fact]
    public void What_is_written_is_read() => Options.Sample(
        options =>
        {
            var file = ClassicConfiguration.Parse(Write(options), "f");
            Assert.False(file.HasErrors, string.Join('\n', file.Diagnostics.Where(found => found.Severity == ConfigurationSeverity.Error)) + "\n" + Write(options));
            Assert.Equal(Write(options), Write(file.Options));
        },
        iter: 300,
        print: Write);

    private static void Read(string text)
    {
        var file = ClassicConfiguration.Parse(text, "f");
        var found = file.Check();
        var lines = text.Split('\n').Length + text.Count(c => c == '\r');
        Assert.All(found, diagnostic => Assert.InRange(diagnostic.Line, 0, lines));
        Assert.All(found, diagnostic => Assert.DoesNotContain(diagnostic.ToString(), char.IsControl));
        if (!found.Any(diagnostic => diagnostic.Severity == ConfigurationSeverity.Error))
        {
            Assert.Equal(file.Options.Peers.Count, PeerResolver.Resolve(file.Options, new(), file.Options.NodeId ?? 31).Count);
        }
    }

    private static string Damage(string text, (int Position, int Length, string Piece) change)
    {
        var position = Math.Min(change.Position % (text.Length + 1), text.Length);
        return string.Concat(text.AsSpan(0, position), change.Piece, text.AsSpan(Math.Min(text.Length, position + change.Length)));
    }

    private static string Write(ProxyOptions options)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"node {options.NodeName} {{ nodeid {options.NodeId}; baseport 0x{options.BasePort:x}; abi {options.DataModel}; }};\n");
        foreach (var peer in options.Peers)
        {
            text.Append(CultureInfo.InvariantCulture, $"proxy {peer.Name} {{ proxyid {peer.ProxyId}; proto {peer.Transport};\n");
            Key("host", peer.Host is null ? null : $"\"{peer.Host}\"");
            Key("rname", peer.ListenHost);
            Key("rport", peer.ListenPort);
            Key("sport", peer.ConnectPort);
            Key("compression", peer.Compress switch { PayloadCompression.On => "YES", PayloadCompression.Off => "no", _ => "Auto" });
            Key("BATCH", peer.Batch ? "yes" : "NO");
            Key("autobind", peer.AutoBind ? "Yes" : "No");
            Key("sendPID", peer.FillInSourceProcessId ? "YES" : "NO");
            Key("hello", (int)peer.HelloPeriod.TotalSeconds);
            Key("idle", peer.IdleTimeout?.TotalSeconds);
            Key("backoff", $"{(int)peer.BackoffMinimum.TotalMilliseconds} {(int)peer.BackoffMaximum.TotalMilliseconds}");
            Key("allow", peer.Allow.Count == 0 ? null : string.Join('\n', peer.Allow));
            text.Append("};\n");
        }

        return text.ToString();

        void Key(string name, object? value) => text.Append(value is null ? "" : FormattableString.Invariant($"  {name} {value}; # {name}\n"));
    }
}
