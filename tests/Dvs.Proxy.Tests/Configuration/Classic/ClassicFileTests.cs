using System.Text;
using Dvs.Proxy.Configuration;

namespace Dvs.Proxy.Tests.Configuration.Classic;

/// <summary>Files on disk: good, unreadable, and no text at all.</summary>
public sealed class ClassicFileTests : IDisposable
{
    private const string Good = "proxy a { proxyid 1; compress NO; batch NO; };";
    private readonly string _directory = Directory.CreateTempSubdirectory("dvs-config-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_good_file_loads_with_its_warnings()
    {
        var file = ClassicConfiguration.Load(Write("proxy a { proxyid 1; };"u8.ToArray()));

        Assert.Equal(1, Assert.Single(file.Options.Peers).ProxyId);
        Assert.Equal(2, file.Diagnostics.Count);
    }

    [Fact]
    public void A_bad_file_throws_all_it_has_one_per_line()
    {
        var path = Write("proxy a { proxyid x; };\nproxy b { rport 0; };"u8.ToArray());

        var exception = Assert.Throws<ConfigurationException>(() => ClassicConfiguration.Load(path));

        var lines = exception.Message.Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.All(lines, line => Assert.Matches(@":\d+:\d+: (error|warning): ", line));
        Assert.All(lines, line => Assert.StartsWith(path, line, StringComparison.Ordinal));
        Assert.Equal(lines, exception.Diagnostics.Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public void A_missing_file_says_where_it_was_looked_for()
    {
        var path = Path.Combine(_directory, "missing.cfg");

        Assert.Equal($"{path}: error: cannot read the file: it does not exist. Looked for \"{path}\".", ErrorOf(path, cut: false));
        Assert.StartsWith($"{path}/deeper: error: cannot read the file: it does not exist", ErrorOf(path + "/deeper", cut: false), StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_is_no_file() => Assert.Equal("cannot read the file: it is a directory. Name the file in it.", ErrorOf(_directory));

    [Fact]
    public void A_file_without_permission_says_so()
    {
        var path = Write(Encoding.UTF8.GetBytes(Good));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix permissions.");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read every file.");

        Assert.StartsWith("cannot read the file: it may not be read by this user.", ErrorOf(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_without_an_end_is_too_large()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "No /dev/zero here.");

        Assert.Equal("cannot read the file: it is larger than 1048576 bytes. Check that this is a proxy configuration at all.", ErrorOf("/dev/zero"));
    }

    [Fact]
    public void The_largest_file_is_read_and_one_byte_more_is_not()
    {
        var bytes = Enumerable.Repeat((byte)' ', ClassicConfiguration.MaxFileBytes + 1).ToArray();
        Encoding.UTF8.GetBytes(Good).CopyTo(bytes, 0);

        Assert.Empty(ClassicConfiguration.Read(Write(bytes[..^1])).Diagnostics);
        Assert.Equal("cannot read the file: it is larger than 1048576 bytes. Check that this is a proxy configuration at all.", ErrorOf(Write(bytes)));
    }

    [Fact]
    public void A_byte_order_mark_is_no_word() => Assert.Empty(ClassicConfiguration.Read(Write([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Good)])).Diagnostics);

    [Fact]
    public void Latin_1_is_refused_and_the_rest_still_checked()
    {
        var path = Write(Encoding.Latin1.GetBytes("# ok\n# tamaño\nproxy a { proxyid 1; rport 0; compress NO; batch NO; };"));

        Assert.Equal(
            [$"{path}:2:7: error: not UTF-8: found \\xf1\\x6f, expected UTF-8 text. Save the file as UTF-8.".Replace("\\x6f", "", StringComparison.Ordinal),
             $"{path}:3:28: error: rport: out of range: found \"0\", expected 1..65535"],
            ClassicConfiguration.Read(path).Diagnostics.Select(diagnostic => diagnostic.ToString()));
    }

    [Fact]
    public void UTF_16_is_no_text_file()
    {
        var path = Write(Encoding.Unicode.GetBytes("\n" + Good));

        Assert.Equal($"{path}:2:1: error: not a text file: found a NUL character, expected UTF-8 text. Save the file as UTF-8.", ErrorOf(path, cut: false));
    }

    private static string ErrorOf(string path, bool cut = true)
    {
        var file = ClassicConfiguration.Read(path);
        Assert.True(file.HasErrors);
        Assert.Equal(file.Diagnostics, file.Check());
        var text = Assert.Single(file.Diagnostics).ToString();
        return cut ? text[(path.Length + ": error: ".Length)..] : text;
    }

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_directory, Guid.NewGuid().ToString("N") + ".cfg");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
