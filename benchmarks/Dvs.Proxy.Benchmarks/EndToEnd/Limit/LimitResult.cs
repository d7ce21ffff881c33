namespace Dvs.Proxy.Benchmarks.EndToEnd;

/// <summary>What one side of the limit program saw; the names are those of its line of JSON. Times in seconds and microseconds.</summary>
internal sealed record LimitResult(
    double Seconds, long BytesSent, long BytesReceived, double CpuUser, double CpuSystem, long PeakKiB, double P50, double P99, double P999)
{
    public double Cpu => CpuUser + CpuSystem;
}

/// <summary>What the limit program is to do.</summary>
internal sealed record LimitShape(string Name, int Size, int Connections)
{
    public static LimitShape Ping(int size) => new("ping", size, 1);

    public static LimitShape HandOff(int size) => new("handoff", size, 1);

    public static LimitShape Stream(int size, int connections = 1) => new("stream", size, connections);

    public static LimitShape Duplex(int size) => new("duplex", size, 1);
}
