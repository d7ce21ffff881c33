using System.Diagnostics;
using Dvs.Proxy.Diagnostics;
using Dvs.Proxy.Tests.Pairing.Receiving;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Transport.Tls;

/// <summary>Another's TLS against ours.</summary>
public sealed class OpenSslTests : IDisposable
{
    private readonly TestPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task S_client_gets_in_with_tls_13()
    {
        var openssl = InstalledTool.Require("openssl");
        await using var node = await StartNode();
        using var client = StartClient(openssl, node, "-tls1_3");

        client.StandardInput.BaseStream.Write(Frames.Message(1, 0));
        client.StandardInput.BaseStream.Flush();

        Eventually.True(() => node.Device.Delivered.Count == 1, "its frame arrived", () => node.Log.All);
        Assert.Equal(ProxyState.Connected, node.Pair(1).Receiver.State);
        Assert.True(node.Log.Contains("Tls13"), node.Log.All);
        client.StandardInput.Close();
        await client.WaitForExitAsync().WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task S_client_is_refused_with_tls_12()
    {
        var openssl = InstalledTool.Require("openssl");
        await using var node = await StartNode();
        using var client = StartClient(openssl, node, "-tls1_2");
        var said = await client.StandardError.ReadToEndAsync().WaitAsync(Eventually.Limit);
        await client.WaitForExitAsync().WaitAsync(Eventually.Limit);

        Assert.NotEqual(0, client.ExitCode);
        Assert.Contains("alert", said, StringComparison.Ordinal);
        Eventually.True(() => node.Log.Contains("no common version of TLS: the peer is older (tls12 YES would let TLS 1.2 in)"), "the log says why", () => node.Log.All);
    }

    [Fact]
    public async Task S_client_gets_in_with_tls_12_where_that_is_allowed()
    {
        var openssl = InstalledTool.Require("openssl");
        await using var node = await StartNode(allowTls12: true);
        using var client = StartClient(openssl, node, "-tls1_2");

        client.StandardInput.BaseStream.Write(Frames.Message(1, 0));
        client.StandardInput.BaseStream.Flush();

        Eventually.True(() => node.Device.Delivered.Count == 1, "its frame arrived", () => node.Log.All);
        Assert.True(node.Log.Contains("Tls12"), node.Log.All);
        client.StandardInput.Close();
        await client.WaitForExitAsync().WaitAsync(Eventually.Limit);
    }

    [Fact]
    public async Task S_client_that_offers_its_session_again_has_to_show_its_certificate_again()
    {
        var openssl = InstalledTool.Require("openssl");
        await using var node = await StartNode(allowTls12: true);
        var session = Path.Combine(_pki.Directory, "session.pem");

        Assert.Contains("New, TLSv1.2", await Talk("-sess_out"), StringComparison.Ordinal);

        // A session that has neither ticket nor number is not even kept.
        if (File.Exists(session))
        {
            Assert.Contains("New, TLSv1.2", await Talk("-sess_in"), StringComparison.Ordinal);
        }

        async Task<string> Talk(string option)
        {
            using var client = StartClient(openssl, node, "-tls1_2", ["-ign_eof", option, session]);
            var said = "";
            while (!said.Contains("Verify return code", StringComparison.Ordinal) && await client.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line)
            {
                said += line + "\n";
            }

            client.Kill();
            await client.WaitForExitAsync().WaitAsync(Eventually.Limit);
            return said;
        }
    }

    private async Task<ScriptedNode> StartNode(bool allowTls12 = false)
    {
        var node = new ScriptedNode(0);
        node.AddPeer(1, "127.0.0.1", 9, configure: peer =>
        {
            peer.Tls = TestPki.Options(_pki.IssueFiles("node0"));
            peer.Tls.AllowTls12 = allowTls12;
        });
        await node.StartAsync();
        return node;
    }

    private Process StartClient(string openssl, ScriptedNode node, string version, string[]? more = null)
    {
        var files = _pki.IssueFiles("node1");
        string[] arguments =
        [
            "s_client", "-connect", $"{node.Address}:{node.Options.Peers[0].ListenPort}", version, .. more ?? ["-quiet", "-no_ign_eof"],
            "-cert", files.Certificate, "-key", files.Key, "-CAfile", files.Authorities, "-verify_return_error",
        ];
        return Process.Start(new ProcessStartInfo(openssl, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
