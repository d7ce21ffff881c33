namespace Dvs.Proxy.Protocol.Control;

/// <summary>How load is to be measured and classed: content of <see cref="ControlType.LoadThresholds"/>.</summary>
/// <param name="LowWater">CPU percent, 0..100, below which a node is idle.</param>
/// <param name="HighWater">CPU percent, 0..100, from which on a node is saturated.</param>
/// <param name="PeriodSeconds">How often to measure, in seconds.</param>
public readonly record struct LoadThresholds(int LowWater, int HighWater, int PeriodSeconds)
{
    /// <summary>The class of <paramref name="cpuPercent"/> under these thresholds.</summary>
    internal LoadLevel Classify(int cpuPercent) =>
        cpuPercent >= HighWater ? LoadLevel.Saturated : cpuPercent < LowWater ? LoadLevel.Idle : LoadLevel.Busy;
}
