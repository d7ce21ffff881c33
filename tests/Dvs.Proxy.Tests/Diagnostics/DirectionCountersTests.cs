using System.Reflection;
using Dvs.Proxy.Diagnostics;

namespace Dvs.Proxy.Tests.Diagnostics;

public class DirectionCountersTests
{
    [Fact]
    public void Every_counter_comes_out_under_its_own_name()
    {
        var counters = new DirectionCounters(1);
        var fields = typeof(DirectionCounters).GetFields(BindingFlags.Instance | BindingFlags.Public).Where(static field => field.FieldType == typeof(long)).ToArray();
        for (var number = 0; number < fields.Length; number++)
        {
            fields[number].SetValue(counters, 100L + number);
        }

        counters.CountRefused();
        var snapshot = counters.Snapshot();

        Assert.True(fields.Length > 20);
        Assert.Equal(1, snapshot.Refused);
        Assert.All(fields, field => Assert.Equal(field.GetValue(counters), typeof(DirectionSnapshot).GetProperty(field.Name)!.GetValue(snapshot)));
        Assert.Equal(
            fields.Select(static field => field.Name).Append(nameof(DirectionSnapshot.Refused)).Order(),
            typeof(DirectionSnapshot).GetProperties().Where(static property => property.PropertyType == typeof(long)).Select(static property => property.Name).Order());
    }

    [Fact]
    public void Commands_messages_and_bytes_are_counted_by_dc()
    {
        var counters = new DirectionCounters(3);
        counters.CountCommand(0, isMessage: true, 0);
        counters.CountCommand(2, isMessage: true, 0);
        counters.CountCommand(2, isMessage: true, 0);
        counters.CountCommand(2, isMessage: false, 1_000);
        counters.CountCommand(2, isMessage: false, 234);
        counters.CountCommand(2, isMessage: false, 0);

        var snapshot = counters.Snapshot();

        Assert.Equal(6, snapshot.Commands);
        Assert.Equal([(0, 1L, 1L, 0L), (2, 5L, 2L, 1_234L)], snapshot.Dcs.Select(static dc => (dc.DcId, dc.Commands, dc.Messages, dc.DataBytes)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void A_dc_beyond_the_last_counts_for_the_pair_alone(int dcId)
    {
        var counters = new DirectionCounters(3);

        counters.CountCommand(dcId, isMessage: true, 5);

        Assert.Equal(1, counters.Snapshot().Commands);
        Assert.Empty(counters.Snapshot().Dcs);
    }
}
