using System.Runtime.InteropServices;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation;

namespace Dvs.Proxy.Conformance.Running;

/// <summary>Drivers for sections: each finds one that is not initialised.</summary>
internal abstract class DriverSource
{
    /// <summary>What is compared.</summary>
    public abstract ConformanceTarget Target { get; }

    /// <summary>A driver.</summary>
    /// <param name="onTermination">Called when the driver tells this process to end.</param>
    public abstract IDvkDevice Open(Action onTermination);

    /// <summary>Ends what a section has left.</summary>
    /// <returns>Whether the driver can be used for another section.</returns>
    public abstract bool Close(IDvkDevice device, SectionRun run, Section section);
}

/// <summary>In-process drivers.</summary>
internal sealed class EmulatedDriverSource(bool isStrict) : DriverSource
{
    public override ConformanceTarget Target => isStrict ? ConformanceTarget.StrictEmulation : ConformanceTarget.Emulation;

    public override IDvkDevice Open(Action onTermination)
    {
        var device = new EmulatedDvk(new EmulatedDvkOptions { StrictlyAsReal = isStrict, Fixes = isStrict ? DvkFixes.None : DvkFixes.All });
        device.TerminateRequested += (_, _) => onTermination();
        return device;
    }

    public override bool Close(IDvkDevice device, SectionRun run, Section section)
    {
        device.Dispose();
        foreach (var actor in run.Actors)
        {
            actor.Complete();
        }

        return true;
    }
}

/// <summary>The kernel module, or the native stand-in where it is preloaded.</summary>
internal sealed class KernelDriverSource(string path, DvkFixes fixes) : DriverSource
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private PosixSignalRegistration? _registration;

    public override ConformanceTarget Target { get; } =
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dvk_standin_present", out _) ? ConformanceTarget.StandIn : ConformanceTarget.Module;

    public override IDvkDevice Open(Action onTermination)
    {
        _registration?.Dispose();
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            onTermination();
        });
        return KernelDvkDevice.Open(new KernelDvkDeviceOptions { Path = path, Fixes = fixes });
    }

    public override bool Close(IDvkDevice device, SectionRun run, Section section)
    {
        var isLetGo = section.Hazard != SectionHazard.AlwaysHangs && Release(device, run);
        if (isLetGo)
        {
            device.Dispose();
        }

        return isLetGo;
    }

    // Pairs are disconnected before their threads end, and the threads end one after the other.
    private static bool Release(IDvkDevice device, SectionRun run)
    {
        for (var pair = 1; pair <= 2; pair++)
        {
            _ = device.SetProxyConnection(pair, ProxyConnectionChange.SenderDisconnected);
            _ = device.SetProxyConnection(pair, ProxyConnectionChange.ReceiverDisconnected);
        }

        foreach (var actor in run.Actors)
        {
            if (actor.Pending is not null)
            {
                device.Interrupt(actor.Id);
            }

            actor.Complete();
            if (!SpinWait.SpinUntil(() => ThreadState.Read(actor.Id).IsGone, Limit))
            {
                return false;
            }
        }

        var end = run.Main.Enqueue(() => device.LocalNodeId < 0 || IsEnded(device));
        return end.Wait(Limit) && end.Result;
    }

    private static bool IsEnded(IDvkDevice device)
    {
        device.EndDvs();
        return true;
    }
}
