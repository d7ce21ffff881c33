namespace Dvs.Proxy.Tool.Campaign.Processes;

/// <summary>What one process did. Written by its thread only; read after it ended.</summary>
internal sealed class ProcessTally
{
    private const int MaxTexts = 5;

    private readonly List<string> _errorTexts = [];

    public long Messages { get; set; }

    public long Blocks { get; set; }

    public long BlockBytes { get; set; }

    public long Errors { get; private set; }

    public TimeSpan Elapsed { get; set; }

    public TimeSpan Copying { get; set; }

    /// <summary>Null where there were none.</summary>
    public RoundTripTimes? RoundTrips { get; private set; }

    public IReadOnlyList<string> ErrorTexts => _errorTexts;

    public void AddRoundTrip(TimeSpan time) => (RoundTrips ??= new RoundTripTimes()).Add(time);

    public void AddError(string text)
    {
        Errors++;
        if (_errorTexts.Count < MaxTexts)
        {
            _errorTexts.Add(text);
        }
    }
}
