using System.Text.Json;
using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Commands;

public sealed class CheckConfigTests : IDisposable
{
    // As it stands in the field notes, with its bare ";" where "}" belongs.
    private const string FieldNotes = """
        # this is a comment
        node node0 {
        	nodeid 		0;
        	baseport	3000;
        ;

        proxy node1 {
        	proxyID		1;
        	sendPID		YES;
        	compression	YES;
        	batch		YES;
        	autobind	YES;
        };

        proxy node2 {
        	proxyID		2;
        	sendPID		NO;
        	compression	NO;
        	batch		NO;
        	autobind	NO;
        };
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_field_notes_example_is_answered_with_line_column_and_remedy()
    {
        var file = _folder.Write("multi_proxy.cfg", FieldNotes);

        await using var check = await ChildProcess.RunHostAsync("check-config", file);

        check.AssertExitCode(2);
        Assert.Equal(
            $"""
            {file}:5:1: error: bare ";" where "{"}"}" belongs: found ";" in line 5, expected the "{"}"}" that closes "node node0", opened in line 2. Write "{"}"};" in line 5.
            {file}: 1 error, 0 warnings. The proxy would not start.

            """,
            check.Output);
        Assert.Equal("", check.Error);
    }

    [Fact]
    public async Task The_field_notes_example_put_right_is_understood_as_written()
    {
        var file = _folder.Write("multi_proxy.cfg", FieldNotes.Replace("\n;\n", "\n};\n", StringComparison.Ordinal));

        await using var check = await ChildProcess.RunHostAsync("check-config", file);

        check.AssertExitCode(0);
        Assert.Equal(
            $"""
            {file}:10:14: warning: compress: a classic C proxy must have compress YES, too: with NO it hands compressed bytes to its driver as if they were the data: found "YES". Make sure of it at "node1", or set NO here; between proxies of this kind sequence YES on both nodes needs no such care.
            {file}:11:9: warning: batch: a classic C proxy must have batch YES and autobind NO: with batch NO it drops every command of a batch but the first, and with autobind YES it breaks the connection at a batched command of a process it does not know: found "YES". Make sure of it at "node1", or set NO here; between proxies of this kind sequence YES on both nodes needs no such care.
            {file}: 0 errors, 2 warnings.
            Local node: 0 "node0", abi lp64.

            peer   id  proto  connects to  listens on  compress  batch  autobind  sendpid
            -----  --  -----  -----------  ----------  --------  -----  --------  -------
            node1   1  tcp    node1:3000   *:3001      YES       YES    YES       YES
            node2   2  tcp    node2:3000   *:3002      NO        NO     NO        NO

            """,
            check.Output);
    }

    [Fact]
    public async Task Every_error_of_a_file_is_reported_at_once_in_the_order_of_the_file()
    {
        var file = _folder.Write("bad.cfg", "proxy node1 {\n  proxyid 40;\n  compres YES;\n  batch NO;\n  rport 99999;\n};\n");

        await using var check = await ChildProcess.RunHostAsync("check-config", file, "--format", "json", "--node", "0");

        check.AssertExitCode(2);
        using var document = JsonDocument.Parse(check.Output);
        var errors = document.RootElement.GetProperty("diagnostics").EnumerateArray()
            .Where(static item => item.GetProperty("severity").GetString() == "Error")
            .Select(static item => (item.GetProperty("line").GetInt32(), item.GetProperty("column").GetInt32(), item.GetProperty("found").GetString()));
        Assert.Equal([(2, 11, "\"40\""), (3, 3, "\"compres\""), (5, 9, "\"99999\"")], errors);
        Assert.Equal(3, document.RootElement.GetProperty("errors").GetInt32());
    }

    [Theory]
    [InlineData("node0.cfg")]
    [InlineData("node1.cfg")]
    public async Task The_example_files_beside_the_program_are_good(string name)
    {
        await using var check = await ChildProcess.RunHostAsync("check-config", Path.Combine(AppContext.BaseDirectory, name));

        check.AssertExitCode(0);
        Assert.Contains(": 0 errors, 0 warnings.", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_id_of_the_command_line_stands_in_for_a_missing_node_section()
    {
        var file = _folder.Write("peer.cfg", "proxy node1 { proxyid 1; compress NO; batch NO; };\n");

        await using var check = await ChildProcess.RunHostAsync("check-config", file, "--node", "7");

        check.AssertExitCode(0);
        Assert.Contains("node1:3007", check.Output, StringComparison.Ordinal);
        Assert.Contains("*:3001", check.Output, StringComparison.Ordinal);
    }
}
