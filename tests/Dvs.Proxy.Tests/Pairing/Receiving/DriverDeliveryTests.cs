using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Pairing.Receiving;

/// <summary>Autobind, over the wire: the block that is tried a second time must be the decompressed one.</summary>
public class DriverDeliveryTests
{
    [Theory]
    [InlineData(DvkError.NotBind, false)]
    [InlineData(DvkError.NotBind, true)]
    public async Task An_unknown_client_is_bound_and_its_block_tried_again_as_it_was(DvkError error, bool compress)
    {
        var bound = false;
        var (a, b) = await ScriptedNode.StartPairAsync(peer => (peer.AutoBind, peer.Compress) = (true, compress ? PayloadCompression.On : PayloadCompression.Off));
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) => bound ? DvkError.Ok : error;
        b.Device.OnBind = request =>
        {
            bound = true;
            return (DvkError.Ok, request.Endpoint);
        };
        var block = new byte[10_000];

        a.Device.Enqueue(ScriptedNode.Block(0, 1, block.Length), block);

        Eventually.True(() => b.Device.Delivered.Count == 2, "the block is tried twice", () => b.Log.All);
        Assert.All(b.Device.Delivered, item => Assert.Equal(block, item.Payload));
        Assert.All(b.Device.Delivered, static item => Assert.Equal(10_000, item.Header.PayloadLength));
        Assert.Contains("bind Remote 0 40 0 rclient", b.Device.Calls);
        Eventually.True(() => b.Pair(0).Receiver.AutoBinds == 1, "it is counted");
        Assert.Equal(0, b.Pair(0).Receiver.CommandErrors);
        Eventually.True(() => compress == (a.Pair(1).Sender.WireBytes < a.Pair(1).Sender.RawBytes), "the block went compressed only if it should");
    }

    [Fact]
    public async Task Every_command_of_a_batch_may_need_it()
    {
        var bound = new HashSet<int>();
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => (peer.AutoBind, peer.Batch) = (true, true));
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = (in CommandHeader header, ReadOnlySpan<byte> _) => bound.Contains(header.SourceEndpoint) ? DvkError.Ok : DvkError.NotBind;
        b.Device.OnBind = request =>
        {
            bound.Add(request.Endpoint);
            return (DvkError.Ok, request.Endpoint);
        };
        for (var endpoint = 30; endpoint < 130; endpoint++)
        {
            var message = ScriptedNode.Message(0, 1, 0);
            message.SourceEndpoint = endpoint;
            a.Device.Enqueue(in message);
        }

        Eventually.True(() => b.Device.Delivered.Count == 200, "each of the 100 is tried twice", () => b.Log.All);
        Assert.Equal(100, bound.Count);
        Assert.Equal(0, b.Pair(0).Receiver.CommandErrors);
    }

    [Fact]
    public async Task An_old_remote_binding_of_the_slot_is_undone_first()
    {
        var bound = false;
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.AutoBind = true);
        await using var first = a;
        await using var second = b;
        const int Generation = 35 + 0x8ace + 1;
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) => bound ? DvkError.Ok : DvkError.Endpoint;
        b.Device.OnProcessInfo = static number => new ProcessInfo { Number = number, Endpoint = Generation + number, Status = ProcessStatus.Remote };
        b.Device.OnBind = request =>
        {
            bound = true;
            return (DvkError.Ok, request.Endpoint);
        };

        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));

        Eventually.True(() => b.Device.Delivered.Count == 2, "the message is tried twice", () => b.Log.All);
        Assert.Equal([$"unbind 0 {Generation + 40}", "bind Remote 0 40 0 rclient"], b.Device.Calls.Where(call => call.Contains("bind ", StringComparison.Ordinal) && !call.StartsWith("prox", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(29, DvkError.NotBind, true)]
    [InlineData(10, DvkError.NotBind, true)]
    [InlineData(40, DvkError.DestinationDied, true)]
    [InlineData(40, DvkError.NotBind, false)]
    public async Task System_processes_other_errors_and_autobind_off_leave_the_first_error(int endpoint, DvkError error, bool autoBind)
    {
        var (a, b) = await ScriptedNode.StartPairAsync(peer => peer.AutoBind = autoBind);
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = (in CommandHeader _, ReadOnlySpan<byte> _) => error;
        var message = ScriptedNode.Message(0, 1, 0);
        message.SourceEndpoint = endpoint;

        a.Device.Enqueue(in message);

        Eventually.True(() => b.Pair(0).Receiver.CommandErrors == 1, "the refusal is counted");
        Assert.Single(b.Device.Delivered);
        Assert.DoesNotContain(b.Device.Calls, static call => call.StartsWith("bind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_binding_to_another_endpoint_than_asked_for_is_taken_back()
    {
        var (a, b) = await ScriptedNode.StartPairAsync(static peer => peer.AutoBind = true);
        await using var first = a;
        await using var second = b;
        b.Device.OnPut = static (in CommandHeader _, ReadOnlySpan<byte> _) => DvkError.NotBind;
        b.Device.OnBind = static _ => (DvkError.Ok, 41);

        a.Device.Enqueue(ScriptedNode.Message(0, 1, 0));

        Eventually.True(() => b.Pair(0).Receiver.CommandErrors == 1, "the refusal is counted");
        Assert.Contains("unbind 0 41", b.Device.Calls);
        Assert.Single(b.Device.Delivered);
    }
}
