using Dvs.Proxy.EndToEnd.Processes;
using Dvs.Proxy.Tool.Output;

namespace Dvs.Proxy.EndToEnd.Output;

/// <summary>What a message tells somebody to type can be typed.</summary>
public sealed class ProgramLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void On_the_search_path_the_name_is_enough() =>
        Assert.Equal("dvs-proxy", ProgramLine.Of("/opt/tools/dvs-proxy", "/opt/store/dvs-proxy", "/usr/bin:/opt/tools"));

    [Fact]
    public void Elsewhere_it_is_the_path() => Assert.Equal("/opt/tools/dvs-proxy", ProgramLine.Of("/opt/tools/dvs-proxy", "/nowhere/dvs-proxy", "/usr/bin"));

    [Fact]
    public void In_a_program_that_hands_its_verbs_on_it_is_the_command_beside_it()
    {
        _folder.Write("dvs-proxy", "");

        Assert.Equal(ProgramLine.Argument(_folder["dvs-proxy"]), ProgramLine.Of("/opt/tools/MultiProxyHost", _folder["dvs-proxy"], "/opt/tools"));
    }

    [Theory]
    [InlineData("/a folder/it's.cfg", "'/a folder/it'\\''s.cfg'")]
    [InlineData("/etc/dvs/node0.cfg", "/etc/dvs/node0.cfg")]
    public void What_a_shell_would_take_apart_is_quoted(string path, string expected) => Assert.Equal(expected, ProgramLine.Argument(path));

    [Fact]
    public void A_file_below_the_current_folder_needs_no_more_than_its_way_from_there() =>
        Assert.Equal("bin/node0.cfg", ProgramLine.Argument(Path.Combine(Environment.CurrentDirectory, "bin", "node0.cfg")));
}
