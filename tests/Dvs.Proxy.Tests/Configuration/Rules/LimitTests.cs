using System.Buffers;
using System.Globalization;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Protocol.Digests;
using Dvs.Proxy.Protocol.Frames;

namespace Dvs.Proxy.Tests.Configuration.Rules;

/// <summary>Every limit to the last step: what is just allowed, and what is one too many.</summary>
public class LimitTests
{
    private const string Rest = "compress NO; batch NO; };";
    private static readonly string Good = "proxy a { proxyid 1; " + Rest;

    [Theory]
    [InlineData(DataModel.Lp64, 384)]
    [InlineData(DataModel.Ilp32, 537)]
    public void The_largest_batch_is_what_the_option_promises(DataModel abi, int most)
    {
        ResolvedPeer Resolved(int? maxBatch) => PeerResolver.Resolve(
            new ProxyOptions { DataModel = abi, Peers = { new PeerOptions { Name = "a", ProxyId = 1, Batch = true, MaxBatchCommands = maxBatch } } }, new DvsInfo(), 0)[0];
        IReadOnlyList<ConfigurationDiagnostic> Checked(int maxBatch) =>
            ProxyOptionsRules.ValidateStatic(new ProxyOptions { DataModel = abi, Peers = { new PeerOptions { Name = "a", ProxyId = 1, MaxBatchCommands = maxBatch } } });

        Assert.Equal(most, Resolved(null).MaxBatchCommands);
        Assert.Equal(most, Resolved(most).MaxBatchCommands);
        Assert.Empty(Checked(most));
        Assert.Equal($"Dvs:Peers:0:MaxBatchCommands = {most + 1}: out of range: expected 0..{most}", Assert.Single(Checked(most + 1)).ToString());
        Assert.Equal(most, LargestBatchOf(abi, Resolved(null).MaxBatchCommands));
    }

    [Fact]
    public void MD5_insists_on_digests_and_so_needs_a_session()
    {
        string Diagnostics(string keys) => string.Join('\n', ClassicConfiguration.Parse($"proxy a {{ proxyid 1; {keys} {Rest}", "f").Diagnostics);

        Assert.Equal(
            "f:1:29: error: digest: digests need a reliable session: found \"MD5\", expected sequence YES. Switch it on here and on the peer, or switch the digest off.",
            Diagnostics("digest MD5;"));
        Assert.Equal("", Diagnostics("digest MD5; sequence YES;"));
        Assert.Equal("", Diagnostics("digest NO; sequence NO;"));
        Assert.Equal("", Diagnostics("digest xxh128; sequence NO;"));
        Assert.Contains("digest: unknown value: found \"YES\"", Diagnostics("digest YES; sequence YES;"));
        Assert.Equal(
            "Dvs:Peers:0:FrameDigest = 7: not a digest: expected XXH128, MD5 or NO",
            Assert.Single(ProxyOptionsRules.ValidateStatic(
            new ProxyOptions { Peers = { new PeerOptions { Name = "a", ProxyId = 1, FrameDigest = (FrameDigestKind)7 } } })).ToString());
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(1 << 20, true)]
    [InlineData((1 << 20) + 1, false)]
    public void A_window_has_two_frames_at_least(int frames, bool isGood)
    {
        var options = new ProxyOptions { Peers = { new PeerOptions { Name = "a", ProxyId = 1, WindowFrames = frames } } };

        Assert.Equal(
            isGood ? [] : [$"Dvs:Peers:0:WindowFrames = {frames}: out of range: expected 2..1048576"],
            ProxyOptionsRules.ValidateStatic(options).Select(static found => found.ToString()));
    }

    [Theory]
    [InlineData("exactly15bytes_", 0)]
    [InlineData("exactly15bytes_x", 1)]
    [InlineData("fourteen_byteñ", 0)] // 15 bytes in 14 characters
    [InlineData("fifteen_chars_ñ", 1)] // 16 bytes in 15 characters
    public void The_drivers_name_is_counted_in_bytes(string name, int warnings)
    {
        var found = ClassicConfiguration.Parse($"proxy {name} {{ proxyid 1; host h; {Rest}", "f").Diagnostics;

        Assert.Equal(warnings, found.Count(static each => each.Problem.StartsWith("longer than 15 bytes", StringComparison.Ordinal)));
        Assert.Equal(warnings, found.Count);
    }

    [Fact]
    public void Resume_is_in_seconds()
    {
        var peer = Assert.Single(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; sequence YES; resume 7; window 300000; atleastonce YES; {Rest}", "f").Options.Peers);

        Assert.Equal((TimeSpan.FromSeconds(7), 300_000, true), (peer.ResumeWindow, peer.WindowBytes, peer.AtLeastOnce));
    }

    [Theory]
    [InlineData("18446744073709551621")] // 2^64 + 5
    [InlineData("0x10000000000000005")]
    [InlineData("02000000000000000000005")]
    [InlineData("4294967301")] // 2^32 + 5
    [InlineData("-18446744073709551611")]
    public void A_number_beyond_all_numbers_is_out_of_range_and_never_a_small_one(string number)
    {
        var found = Assert.Single(ClassicConfiguration.Parse($"proxy a {{ proxyid 1; rport {number}; {Rest}", "f").Diagnostics);

        Assert.Equal($"f:1:28: error: rport: out of range: found \"{number}\", expected 1..65535", found.ToString());
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public void Braces_go_eight_deep(int depth, bool isTooDeep)
    {
        var text = string.Concat(Enumerable.Repeat("tls { ", depth)) + string.Concat(Enumerable.Repeat("}; ", depth));

        Assert.Equal(isTooDeep, ClassicConfiguration.Parse(text, "f").Diagnostics.Any(static found => found.Problem == "more than 8 levels of braces"));
    }

    [Fact]
    public void A_file_has_16384_statements_at_most()
    {
        // A section is a statement, and so is each of its three keys.
        var text = string.Concat(Enumerable.Range(1, 4096).Select(static id => $"proxy n{id} {{ proxyid {id}; {Rest}\n"));

        Assert.Empty(ClassicConfiguration.Parse(text, "f").Diagnostics);
        Assert.Equal("more than 16384 statements", Assert.Single(ClassicConfiguration.Parse(text + "node n { };", "f").Diagnostics).Problem);
    }

    [Theory]
    [InlineData(1_023, false)]
    [InlineData(1_024, true)]
    public void A_statement_has_1024_words_at_most(int values, bool isTooLong)
    {
        // The key is a word, too.
        var text = "proxy a { proxyid 1; dcs " + string.Concat(Enumerable.Repeat("1 ", values)) + "; " + Rest;

        Assert.Equal(isTooLong ? ["more than 1024 words in a statement"] : [], ClassicConfiguration.Parse(text, "f").Diagnostics.Select(static found => found.Problem));
    }

    [Fact]
    public void A_file_has_so_many_bytes_and_no_more()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("dvs-limit-").FullName, "f.cfg");
        File.WriteAllText(path, Good + new string(' ', ClassicConfiguration.MaxFileBytes - Good.Length));
        Assert.False(ClassicConfiguration.Read(path).HasErrors);
        File.AppendAllText(path, " ");
        Assert.Contains("it is larger than", Assert.Single(ClassicConfiguration.Read(path).Diagnostics).Problem, StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void The_defaults_that_the_help_shows_are_those_that_hold()
    {
        var compared = 0;
        foreach (var key in ClassicConfiguration.DescribeKeys().Where(static key => key.Section == "proxy"))
        {
            var text = $"proxy a {{ proxyid 1; {key.Name} {key.Default}; }};";
            var file = ClassicConfiguration.Parse(text, "f");
            if (file.HasErrors || key.Name == "host" || key.Default == "none")
            {
                continue; // a default in words: of another key, or of a list
            }

            compared++;

            var plain = ClassicConfiguration.Parse("proxy a { proxyid 1; };", "f").Options.Peers[0];
            foreach (var option in key.Options.Where(static option => option != nameof(PeerOptions.ListenHost)))
            {
                var property = typeof(PeerOptions).GetProperty(option)!;
                Assert.Equal(
                    string.Create(CultureInfo.InvariantCulture, $"{key.Name} {property.GetValue(plain)}"),
                    string.Create(CultureInfo.InvariantCulture, $"{key.Name} {property.GetValue(file.Options.Peers[0])}"));
            }
        }

        Assert.InRange(compared, 13, int.MaxValue);
    }

    private static int LargestBatchOf(DataModel abi, int maxBatch)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new FrameWriter(new FrameWriterOptions { Layout = WireLayout.For(abi), MaxBatchCommands = maxBatch }, output);
        var commands = 0;
        while (writer.FramesWritten == 0)
        {
            writer.Append(new CommandHeader { Command = CommandCode.SendMessage }, []);
            commands++;
        }

        return commands - 1; // the outer one
    }
}
