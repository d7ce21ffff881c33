using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>In-process drivers, one for each section.</summary>
/// <param name="isStrict">Whether they block where the real driver as published does.</param>
internal sealed class EmulatedDriverSource(bool isStrict) : DriverSource
{
    public override ConformanceTarget Target => isStrict ? ConformanceTarget.StrictEmulation : ConformanceTarget.Emulation;

    public override IDvkDevice Open(Section section, Action onTermination)
    {
        var device = new EmulatedDvk(new EmulatedDvkOptions { StrictlyAsReal = isStrict, Fixes = isStrict ? DvkFixes.None : DvkFixes.All });
        device.TerminateRequested += (_, _) => onTermination();
        return device;
    }

    public override bool Close(Section section, IDvkDevice device, Actor main, IReadOnlyList<Actor> actors)
    {
        // Whoever sleeps in it returns.
        device.Dispose();
        foreach (var actor in actors)
        {
            actor.Complete();
        }

        return true;
    }
}
