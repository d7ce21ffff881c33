namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>Memory that a process offers for a copy.</summary>
internal readonly record struct MemoryOffer(int Endpoint, ulong Address);
