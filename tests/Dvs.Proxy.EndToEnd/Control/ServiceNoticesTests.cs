using System.Net.Sockets;
using System.Text;
using Dvs.Proxy.EndToEnd.Processes;

namespace Dvs.Proxy.EndToEnd.Control;

/// <summary>What a host says to the service manager that started it; the test has the manager's socket.</summary>
public sealed class ServiceNoticesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwoNodeFiles _files;
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ServiceNoticesTests()
    {
        _files = new TwoNodeFiles(_folder);
        _manager.Bind(new UnixDomainSocketEndPoint(NotifySocket));
    }

    private string NotifySocket => _folder["notify.sock"];

    public void Dispose()
    {
        _manager.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_host_says_that_it_is_ready_when_it_serves_and_that_it_stops_when_it_is_told_to()
    {
        await using var host = Start(0);

        Assert.Equal("READY=1", await ReceiveAsync(host));
        await using (var status = await ChildProcess.RunHostAsync("status", "--socket", _folder["0.sock"]))
        {
            status.AssertExitCode(0);
        }

        await host.SignalAsync("INT");
        Assert.Equal("STOPPING=1", await ReceiveAsync(host));
        await host.WaitForExitAsync(Limits.Condition);
        host.AssertExitCode(0);
        Assert.Equal(0, _manager.Available);
    }

    [Fact]
    public async Task A_host_that_cannot_serve_is_never_ready()
    {
        await using var first = Start(0);
        Assert.Equal("READY=1", await ReceiveAsync(first));

        // Its ports are taken.
        await using var second = Start(0, "second.sock");
        await second.WaitForExitAsync(Limits.Condition);

        second.AssertExitCode(2);
        Assert.Equal(0, _manager.Available);
    }

    private ChildProcess Start(int nodeId, string? socket = null) => ChildProcess.StartHost(
        new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = NotifySocket }, "run", "--config", _files[nodeId], "--socket", _folder[socket ?? $"{nodeId}.sock"]);

    private async Task<string> ReceiveAsync(ChildProcess host)
    {
        var buffer = new byte[1024];
        using var limit = new CancellationTokenSource(Limits.Condition);
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await _manager.ReceiveAsync(buffer.AsMemory(), limit.Token));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Nothing was said within {Limits.Condition}. {host.Describe()}");
            throw;
        }
    }
}
