using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Tests.Transport.Tls;
using Dvs.Proxy.Transport.Tls;
using Microsoft.Extensions.Configuration;

namespace Dvs.Proxy.Tests.Configuration;

/// <summary>TLS and the limits from both kinds of configuration to what the proxy works with, and what is said about bad ones.</summary>
public sealed class TlsConfigurationTests : IDisposable
{
    private readonly TestPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public void The_classic_section_binds_and_its_files_count_from_the_configurations_directory()
    {
        const string Text = "proxy node1 { proxyid 1; host h; compress NO; batch NO; tls { CERT n.pem; key /k/n.key; ca ../ca.pem; require NO; connect NO; tls12 YES; name x; }; };";
        var file = ClassicConfiguration.Parse(Text, "/etc/dvs/multi_proxy.cfg");

        Assert.Empty(file.Diagnostics);
        var tls = Assert.Single(file.Options.Peers).Tls!;
        Assert.Equal(("/etc/dvs/n.pem", "/k/n.key", "/etc/dvs/../ca.pem"), (tls.CertificateFile, tls.KeyFile, tls.CaFile));
        Assert.Equal((false, false, true, "x"), (tls.RequireWhenAccepting, tls.UseWhenConnecting, tls.AllowTls12, tls.PeerName));
    }

    [Fact]
    public void Without_more_words_it_is_required_both_ways_by_version_13_and_the_name_or_host_counts()
    {
        var file = ClassicConfiguration.Parse("proxy node1 { proxyid 1; host h.net; compress NO; batch NO; tls { cert c; ca a; }; };", "f");

        Assert.Empty(file.Diagnostics);
        var tls = PeerResolver.Resolve(file.Options, new DvsInfo(), 0)[0].Tls!;
        Assert.Equal((true, true, false), (tls.RequireWhenAccepting, tls.UseWhenConnecting, tls.AllowTls12));
        Assert.Equal(new TlsFiles("c", "c", "a"), tls.Files);
        Assert.Equal(["node1", "h.net"], tls.PeerNames);
    }

    [Fact]
    public void Settings_bind()
    {
        IConfiguration settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Dvs:MaxPendingPerAddress"] = "5",
            ["Dvs:LogBurst"] = "6",
            ["Dvs:LogPeriod"] = "00:01:00",
            ["Dvs:Peers:0:Name"] = "node1",
            ["Dvs:Peers:0:Tls:CertificateFile"] = "c",
            ["Dvs:Peers:0:Tls:CaFile"] = "a",
            ["Dvs:Peers:0:Tls:RequireWhenAccepting"] = "false",
        }).Build();
        var options = new ProxyOptions();
        settings.GetSection(ProxyOptions.SectionName).Bind(options);

        Assert.Equal((5, 6, TimeSpan.FromMinutes(1)), (options.MaxPendingPerAddress, options.LogBurst, options.LogPeriod));
        Assert.Equal(("c", null, "a", false), (options.Peers[0].Tls!.CertificateFile, options.Peers[0].Tls!.KeyFile, options.Peers[0].Tls!.CaFile, options.Peers[0].Tls!.RequireWhenAccepting));
    }

    [Fact]
    public void Limits_out_of_range_are_named()
    {
        var options = new ProxyOptions { MaxPendingPerAddress = 0, MaxPendingConnections = 5000, LogBurst = 0, LogPeriod = TimeSpan.Zero, Peers = { Peer(1, null) } };

        Assert.Equal(
            ["Dvs:MaxPendingConnections = 5000: out of range: expected 1..1024",
             "Dvs:MaxPendingPerAddress = 0: out of range: expected 1..1024",
             "Dvs:LogBurst = 0: out of range: expected 1..1000000",
             "Dvs:LogPeriod = 00:00:00: out of range: expected a time longer than 0 and at most 24 days"],
            Errors(options));
    }

    [Fact]
    public void Good_files_are_fine_and_missing_ones_are_named_with_their_line()
    {
        var files = _pki.IssueFiles("node0");
        Assert.Empty(Errors(new ProxyOptions { Peers = { Peer(1, TestPki.Options(files)) } }));

        var text = $"proxy node1 {{ proxyid 1; compress NO; batch NO; tls {{\n cert {files.Certificate};\n key {files.Key};\n ca /none/ca.pem; }}; }};";
        var found = Assert.Single(ClassicConfiguration.Parse(text, "f").Check(localNodeId: 0));
        Assert.Equal("f:4:5: error: ca: cannot be read: no such file: found \"/none/ca.pem\"", found.ToString());
    }

    [Fact]
    public void Bad_files_are_found_before_the_start_and_once_for_all_peers_that_share_them()
    {
        var files = _pki.IssueFiles("node0");
        var foreignKey = files with { Key = _pki.IssueFiles("other").Key };
        var expired = _pki.WriteFiles("old", _pki.Issue("node0", ["node0"], from: DateTimeOffset.UtcNow.AddDays(-9), to: DateTimeOffset.UtcNow.AddDays(-1)));

        var errors = Errors(new ProxyOptions { Peers = { Peer(1, TestPki.Options(foreignKey)), Peer(2, TestPki.Options(foreignKey)), Peer(3, TestPki.Options(expired)) } });

        Assert.Equal(2, errors.Count);
        Assert.StartsWith($"Dvs:Peers:0:Tls:KeyFile = {foreignKey.Key}: is not the key of the certificate in {files.Certificate}", errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"Dvs:Peers:2:Tls:CertificateFile = {expired.Certificate}: the certificate of \"node0\" expired on ", errors[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_everybody_can_read_earns_a_warning()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        var files = _pki.IssueFiles("node0");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(files.Key, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }

        var found = Assert.Single(Validate(new ProxyOptions { Peers = { Peer(1, TestPki.Options(files)) } }));

        Assert.Equal(ConfigurationSeverity.Warning, found.Severity);
        Assert.Contains("every user of this machine can read or write the private key", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Peers_of_one_port_may_differ_in_whether_they_use_tls_but_not_in_its_files()
    {
        var files = _pki.IssueFiles("node0");
        var lax = TestPki.Options(files);
        lax.RequireWhenAccepting = false;
        var mixed = new ProxyOptions { Peers = { Peer(1, TestPki.Options(files), 9), Peer(2, null, 9), Peer(3, lax, 9) } };
        Assert.Empty(Errors(mixed));

        var old = TestPki.Options(files);
        old.AllowTls12 = true;
        mixed.Peers.Add(Peer(4, old, 9));
        Assert.Equal(
            ["Dvs:Peers:3:Tls:AllowTls12 = True: port 9 is shared with \"node1\", whose Tls:AllowTls12 differs: expected the same for all proxies of a port. Give both the same, or another port."],
            Errors(mixed));
    }

    private static PeerOptions Peer(int id, TlsOptions? tls, int? port = null) => new() { Name = $"node{id}", ProxyId = id, Tls = tls, ListenPort = port };

    private static IReadOnlyList<ConfigurationDiagnostic> Validate(ProxyOptions options) => ProxyOptionsRules.Validate(options, new DvsInfo(), 0, ["tcp"]);

    private static List<string> Errors(ProxyOptions options) =>
        [.. Validate(options).Where(static found => found.Severity == ConfigurationSeverity.Error).Select(static found => found.ToString())];
}
