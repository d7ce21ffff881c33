namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>A campaign process cannot go on with what it does: its partner sent something unexpected.</summary>
internal sealed class CampaignFault(string message) : Exception(message);
