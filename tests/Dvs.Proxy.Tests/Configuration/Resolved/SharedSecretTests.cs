using System.Text;
using Dvs.Proxy.Configuration;
using Dvs.Proxy.Configuration.Resolved;
using Dvs.Proxy.Configuration.Rules;
using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Tests.Configuration.Resolved;

/// <summary>The shared secret: what its file may hold, and what is said of one that is no good.</summary>
public sealed class SharedSecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dvs-secret").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0123456789abcdef", "0123456789abcdef")]
    [InlineData("0123456789abcdef\n", "0123456789abcdef")]
    [InlineData("0123456789abcdef\r\n\n", "0123456789abcdef")]
    [InlineData(" 0123456789\nabcdef ", " 0123456789\nabcdef ")]
    public void All_bytes_count_but_line_breaks_at_the_end(string content, string secret)
    {
        Assert.Equal(secret, Encoding.UTF8.GetString(SharedSecret.Load(Write(content), out var problem)!));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData(15, "the secret in it is 15 bytes long, which can be guessed")]
    [InlineData(0, "the secret in it is 0 bytes long, which can be guessed")]
    [InlineData(4097, "it holds more than 4096 bytes, so it seems to be another file")]
    [InlineData(100_000, "it holds more than 4096 bytes, so it seems to be another file")]
    public void A_length_that_cannot_be_meant_is_refused(int length, string expected)
    {
        Assert.Null(SharedSecret.Load(Write(Varied(length)), out var problem));
        Assert.Equal(expected, problem);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(4096)]
    public void The_shortest_and_the_longest_are_taken(int length) =>
        Assert.Equal(length, SharedSecret.Load(Write(Varied(length) + "\r\n"), out _)!.Length);

    [Fact]
    public void A_secret_of_one_byte_over_and_over_is_refused()
    {
        Assert.Null(SharedSecret.Load(Write(new string('x', 40)), out var problem));
        Assert.Equal("the secret in it is one byte over and over, which can be guessed", problem);
    }

    [Fact]
    public void A_file_that_cannot_be_read_says_why()
    {
        Assert.Null(SharedSecret.Load(Path.Combine(_folder, "none"), out var missing));
        Assert.Null(SharedSecret.Load(_folder, out var directory));

        Assert.Equal("cannot be read: no such file", missing);
        Assert.Equal("cannot be read: it is a directory", directory);
    }

    [Fact]
    public void The_classic_key_counts_from_the_configurations_directory_and_reaches_the_peer()
    {
        var file = ClassicConfiguration.Parse(
            "proxy node1 { proxyid 1; host h; compress NO; batch NO; sequence YES; secret keys/n.secret; };", "/etc/dvs/multi_proxy.cfg");

        Assert.Empty(file.Diagnostics);
        Assert.Equal("/etc/dvs/keys/n.secret", PeerResolver.Resolve(file.Options, new DvsInfo(), 0)[0].SecretFile);
    }

    [Fact]
    public void A_secret_without_a_session_is_an_error_of_its_line()
    {
        var file = ClassicConfiguration.Parse(
            $"proxy node1 {{ proxyid 1; host h; compress NO; batch NO;\nsecret {Write(Varied(32))}; }};", "/f");

        var diagnostic = Assert.Single(Validate(file.Options), static found => found.Severity == ConfigurationSeverity.Error);
        Assert.Equal(("secret", 2), (diagnostic.Key, diagnostic.Line));
        Assert.Contains("needs a reliable session", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Contains("sequence YES", diagnostic.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_file_is_one_error_however_many_peers_name_it()
    {
        var file = Path.Combine(_folder, "none");
        var options = new ProxyOptions
        {
            Peers =
            {
                new PeerOptions { Name = "a", ProxyId = 1, SecretFile = file },
                new PeerOptions { Name = "b", ProxyId = 2, SecretFile = file },
            },
        };

        var diagnostic = Assert.Single(Validate(options), static found => found.Key!.EndsWith("SecretFile", StringComparison.Ordinal));
        Assert.Equal(ConfigurationSeverity.Error, diagnostic.Severity);
        Assert.Contains("no such file", diagnostic.Problem, StringComparison.Ordinal);
        Assert.Contains("/dev/urandom", diagnostic.Suggestion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.GroupRead, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.OtherRead, 1)]
    public void A_file_that_every_user_can_read_is_warned_of(UnixFileMode mode, int warnings)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files of Windows have no mode.");
        var file = Write(Varied(32));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, mode);
        }

        var options = new ProxyOptions { Peers = { new PeerOptions { Name = "a", ProxyId = 1, SecretFile = file } } };

        Assert.Equal(warnings, Validate(options).Count(static found => found.Problem.Contains("the secret", StringComparison.Ordinal)));
    }

    private static IReadOnlyList<ConfigurationDiagnostic> Validate(ProxyOptions options) =>
        ProxyOptionsRules.Validate(options, new DvsInfo(), 0, ProxyOptionsRules.BuiltInTransports);

    private static string Varied(int length) => string.Create(length, 0, static (text, _) =>
    {
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = (char)('a' + (i % 26));
        }
    });

    private string Write(string content)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():n}.secret");
        File.WriteAllText(path, content);
        return path;
    }
}
