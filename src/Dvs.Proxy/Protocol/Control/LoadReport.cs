namespace Dvs.Proxy.Protocol.Control;

/// <summary>The load a proxy tells its peer: content of <see cref="ControlType.LoadLevel"/>.</summary>
/// <param name="CpuPercent">CPU use, 0..100.</param>
/// <param name="Level">Its class.</param>
/// <param name="PeriodSeconds">How often it is measured, in seconds.</param>
internal readonly record struct LoadReport(int CpuPercent, LoadLevel Level, int PeriodSeconds);
