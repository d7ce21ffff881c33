using Dvs.Proxy.Pairing.Control;
using Dvs.Proxy.Protocol.Control;
using Microsoft.Extensions.Time.Testing;

namespace Dvs.Proxy.Tests.Pairing.Control;

public class LoadMonitorTests
{
    private readonly FakeTimeProvider _time = new();
    private (long Busy, long Total) _ticks;

    [Theory]
    [InlineData(29, nameof(LoadLevel.Idle))]
    [InlineData(30, nameof(LoadLevel.Busy))]
    [InlineData(69, nameof(LoadLevel.Busy))]
    [InlineData(70, nameof(LoadLevel.Saturated))]
    public void Use_is_classed_by_the_two_marks(int percent, string expected)
    {
        var monitor = new LoadMonitor(_time, () => _ticks);
        _ticks = (percent, 100);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(new LoadReport(percent, Enum.Parse<LoadLevel>(expected), 30), monitor.Measure());
    }

    [Fact]
    public void It_is_measured_once_per_period_over_the_time_since_the_last()
    {
        var monitor = new LoadMonitor(_time, () => _ticks);
        _ticks = (80, 100);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(new LoadReport(0, LoadLevel.Idle, 30), monitor.Measure());

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new LoadReport(80, LoadLevel.Saturated, 30), monitor.Measure());

        _ticks = (90, 200);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new LoadReport(10, LoadLevel.Idle, 30), monitor.Measure());
    }

    [Theory]
    [InlineData(-1, 50, 30)]
    [InlineData(60, 50, 30)]
    [InlineData(10, 101, 30)]
    [InlineData(10, 50, 0)]
    [InlineData(10, 50, 100_000)]
    public void Implausible_thresholds_are_refused(int low, int high, int period)
    {
        var monitor = new LoadMonitor(_time, () => _ticks);

        var untouched = new LoadMonitor(_time, () => _ticks);

        Assert.False(monitor.TrySetThresholds(new LoadThresholds(low, high, period)));

        _ticks = (52, 100);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(untouched.Measure(), monitor.Measure());
    }

    [Theory]
    [InlineData("cpu  10 20 30 400 50 6 7 8 9 10", 81, 531)]
    [InlineData("cpu 1 2", 0, 0)]
    [InlineData("intr 10 20 30 400 50", 0, 0)]
    [InlineData("cpu a b c d e", 0, 0)]
    [InlineData(null, 0, 0)]
    public void Proc_stat_is_read_as_the_kernel_writes_it(string? line, long busy, long total) =>
        Assert.Equal((busy, total), LoadMonitor.ParseProcStat(line));

    [Fact]
    public void This_machine_tells_its_ticks()
    {
        var (busy, total) = LoadMonitor.ReadProcStat();
        Assert.InRange(busy, OperatingSystem.IsLinux() ? 1 : 0, Math.Max(total, 1));
    }
}
