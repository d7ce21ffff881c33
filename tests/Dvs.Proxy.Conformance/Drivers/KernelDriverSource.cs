using System.Runtime.InteropServices;
using Dvs.Proxy.Conformance.Actors;
using Dvs.Proxy.Conformance.Comparison;
using Dvs.Proxy.Conformance.Sections;
using Dvs.Proxy.Device;
using Dvs.Proxy.Device.Kernel;

namespace Dvs.Proxy.Conformance.Drivers;

/// <summary>The kernel module, which is the same for all sections, or the native stand-in where that is preloaded, which has a driver for each.</summary>
/// <param name="path">Path of the device.</param>
/// <param name="fixes">What the module is known to have mended.</param>
internal sealed class KernelDriverSource(string path, DvkFixes fixes) : DriverSource
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // The driver's SIGTERM may come as late as when this process is about to end: it is caught from the first section on, and to the last.
    private static PosixSignalRegistration? _registration;
    private static volatile Action _onTermination = static () => { };

    /// <summary>Whether the native stand-in takes the calls of this process.</summary>
    public static bool IsStandIn { get; } = NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dvk_standin_present", out _);

    public override ConformanceTarget Target => IsStandIn ? ConformanceTarget.StandIn : ConformanceTarget.Module;

    // Nobody waits for the module's report as for that of a test.
    public override Patience Patience => IsStandIn ? base.Patience : base.Patience with { UnbrokenSleep = TimeSpan.FromMilliseconds(500), Returns = TimeSpan.FromSeconds(10) };

    public override IDvkDevice Open(Section section, Action onTermination)
    {
        _onTermination = onTermination;
        _registration ??= PosixSignalRegistration.Create(PosixSignal.SIGTERM, static context =>
        {
            context.Cancel = true;
            _onTermination();
        });
        var options = new KernelDvkDeviceOptions { Path = path, Fixes = fixes };
        var device = KernelDvkDevice.Open(IsStandIn ? options with { Path = $"{path}@{section.Name}", ViewsPath = $"{options.ViewsPath}@{section.Name}" } : options);
        return device.LocalNodeId < 0
            ? device
            : throw new DvkException(
                DvkError.DvsBusy,
                $"play section {section.Name}",
                $"The DVS is initialised, as node {device.LocalNodeId}: stop what uses it and end it, or reboot.");
    }

    public override bool Close(Section section, IDvkDevice device, Actor main, IReadOnlyList<Actor> actors)
    {
        if (IsStandIn)
        {
            // The SIGTERM that goes with the end of a pair would count for the next section.
            KernelDvkDevice.Open(new KernelDvkDeviceOptions { Path = $"{path}@{section.Name},sigterm=0" }).Dispose();
            foreach (var actor in actors)
            {
                actor.Complete();
            }

            return true;
        }

        // On a thread of its own: any of these calls may be the one that does not return.
        var release = Task.Factory.StartNew(() => Release(device, main, actors), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!release.Wait(Limit))
        {
            return false;
        }

        device.Dispose();
        return true;
    }

    // Pairs are disconnected before their threads end.
    private static void Release(IDvkDevice device, Actor main, IReadOnlyList<Actor> actors)
    {
        for (var pair = 1; pair <= 2; pair++)
        {
            _ = device.SetProxyConnection(pair, ProxyConnectionChange.SenderDisconnected);
            _ = device.SetProxyConnection(pair, ProxyConnectionChange.ReceiverDisconnected);
        }

        foreach (var actor in actors)
        {
            if (actor.Pending is not null)
            {
                device.Interrupt(actor.Id);
            }

            actor.Complete();
        }

        // One of them may wait for another to end.
        SpinWait.SpinUntil(() => actors.All(actor => ThreadActivity.Read(actor.Id).IsGone));
        main.Enqueue(() => End(device)).Wait();
    }

    private static bool End(IDvkDevice device)
    {
        if (device.GetEndpoint(device.CurrentThreadId, out var endpoint) == DvkError.Ok)
        {
            _ = device.TryUnbind(0, endpoint, 0);
        }

        if (device.LocalNodeId >= 0)
        {
            device.EndDvs();
        }

        return true;
    }
}
