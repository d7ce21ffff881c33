using Dvs.Proxy.Protocol;
using Dvs.Proxy.Tests.TestDoubles;

namespace Dvs.Proxy.Tests.Faults;

/// <summary>The checker sees what it is there to see.</summary>
public class DeliveryHistoryTests
{
    private readonly DeliveryHistory _history = new();
    private readonly List<(CommandHeader Header, byte[] Payload)> _delivered = [];

    public DeliveryHistoryTests()
    {
        for (var number = 0; number < 5; number++)
        {
            var header = number == 2 ? ScriptedNode.Block(0, 1, 3) : ScriptedNode.Message(0, 1, number);
            header.Message.Type = number;
            byte[] payload = number == 2 ? [1, 2, 3] : [];
            _history.HandOut(in header, payload);
            _delivered.Add((header, payload));
        }
    }

    [Fact]
    public void What_was_handed_out_may_be_delivered_once_in_order()
    {
        Assert.Empty(_history.Check(_delivered, DeliveryPromise.ExactlyOnce));
        Assert.Empty(_history.Check(_delivered, DeliveryPromise.AtMostOnce));
    }

    [Fact]
    public void The_proxies_own_fields_do_not_count()
    {
        Change(0, static header => header with { SendSequence = 4, AcknowledgeSequence = 5, Flags = CommandFlags.CheckHeader });

        Assert.Empty(_history.Check(_delivered, DeliveryPromise.ExactlyOnce));
    }

    [Fact]
    public void Loss_breaks_only_the_promise_of_a_session()
    {
        _delivered.RemoveAt(4);
        Assert.Contains("lost: 1 of 5 commands, the first is number 4", Assert.Single(_history.Check(_delivered, DeliveryPromise.ExactlyOnce)));
        _delivered.RemoveAt(1);
        Assert.Contains(_history.Check(_delivered, DeliveryPromise.ExactlyOnce), static problem => problem.StartsWith("gap", StringComparison.Ordinal));
        Assert.Empty(_history.Check(_delivered, DeliveryPromise.AtMostOnce));
    }

    [Theory]
    [InlineData(nameof(DeliveryPromise.ExactlyOnce))]
    [InlineData(nameof(DeliveryPromise.AtMostOnce))]
    public void A_repeated_command_is_seen(string promise)
    {
        _delivered.Add(_delivered[4]);

        Assert.StartsWith("repeated", Assert.Single(_history.Check(_delivered, Enum.Parse<DeliveryPromise>(promise))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(DeliveryPromise.ExactlyOnce))]
    [InlineData(nameof(DeliveryPromise.AtMostOnce))]
    public void Another_order_is_seen(string promise)
    {
        (_delivered[1], _delivered[3]) = (_delivered[3], _delivered[1]);

        Assert.Contains(_history.Check(_delivered, Enum.Parse<DeliveryPromise>(promise)), static problem => problem.StartsWith("reordered", StringComparison.Ordinal));
    }

    [Fact]
    public void A_changed_header_is_seen()
    {
        Change(3, static header => header with { DcId = 9 });

        Assert.StartsWith("corrupt", Assert.Single(_history.Check(_delivered, DeliveryPromise.AtMostOnce)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_block_is_seen()
    {
        _delivered[2] = (_delivered[2].Header, [1, 2, 4]);

        Assert.StartsWith("corrupt", Assert.Single(_history.Check(_delivered, DeliveryPromise.AtMostOnce)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invented_command_is_seen()
    {
        _delivered.Add((ScriptedNode.Message(0, 1, 77), []));

        Assert.StartsWith("invented", Assert.Single(_history.Check(_delivered, DeliveryPromise.AtMostOnce)), StringComparison.Ordinal);
    }

    private void Change(int place, Func<CommandHeader, CommandHeader> change) =>
        _delivered[place] = (change(_delivered[place].Header), _delivered[place].Payload);
}
