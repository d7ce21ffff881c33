using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Device;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>Where the sections' drivers come from. Each section finds one that is not initialised.</summary>
internal abstract class DriverSource
{
    /// <summary>What is compared.</summary>
    public abstract ConformanceTarget Target { get; }

    /// <summary>How long its calls are waited for.</summary>
    public virtual Patience Patience { get; } = new();

    /// <summary>A driver for a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="onTermination">Called when the driver tells this process to end.</param>
    /// <exception cref="DvkException">There is none that could be used.</exception>
    public abstract IDvkDevice Open(Section section, Action onTermination);

    /// <summary>Ends what a section has left.</summary>
    /// <param name="section">The section.</param>
    /// <param name="device">Its driver.</param>
    /// <param name="main">The main thread.</param>
    /// <param name="actors">Its threads.</param>
    /// <returns>Whether another section can be played.</returns>
    public abstract bool Close(Section section, IDvkDevice device, Actor main, IReadOnlyList<Actor> actors);
}
