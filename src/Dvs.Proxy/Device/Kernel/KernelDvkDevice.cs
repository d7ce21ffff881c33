using Dvs.Proxy.Configuration;
using Dvs.Proxy.Device.Administration;
using Dvs.Proxy.Device.Kernel.Calls;
using Dvs.Proxy.Device.Kernel.Records;
using Dvs.Proxy.Diagnostics.Logging;
using Dvs.Proxy.Protocol;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>
/// The DVK kernel module, by <c>ioctl</c> on <c>/dev/dvk</c>. Linux only; needs CAP_SYS_ADMIN. Talks to the driver in the data model of the running
/// process: LP64 in a 64-bit process, ILP32 in a 32-bit one.
/// </summary>
/// <remarks>
/// <para>Thread rules are those of <see cref="IDvkDevice"/>: the driver knows a thread by its kernel id, so the threads that fetch and deliver
/// commands, and those of application processes, must be threads of their own and not of the pool.</para>
/// <para>A signal that nobody asked for does not show in calls which can be repeated without harm (get2rmt, put2lcl, receive, rcvrqst,
/// wait4bind and all set-up calls). send, sendrec, reply, notify, vcopy and unbind may have had their effect when the signal came: they end with
/// <see cref="DvkError.Interrupted"/>, and the caller decides.</para>
/// <para>Some calls the driver answers with an error and then keeps the caller locked, so that no later call of that thread returns:
/// receive or notify with oneself, <see cref="WellKnownEndpoint.Self"/>, <see cref="WellKnownEndpoint.None"/> or an endpoint out of range.
/// From others it does not return, or hangs when the thread ends: a wait4bind with a time-out for an unbind, a second bind by a thread that
/// is bound. These do not reach the driver: they get its answer (<see cref="DvkError.Endpoint"/>, <see cref="DvkError.Range"/>;
/// <see cref="DvkError.Locked"/>; <see cref="DvkError.SlotUsed"/>), and <see cref="KernelDvkDeviceOptions.Logger"/> is told why. What is
/// not known here, because another process bound a thread, is asked once per thread.</para>
/// <para>A process that served a copy of others while it waited in receive comes back from the driver without a message; the call is made again.</para>
/// <para>The driver sends SIGTERM to a thread of a pair when the other one ends.</para>
/// <para>Not offered: getpriv, setpriv and migrate, whose structs are not part of the published interface.</para>
/// </remarks>
public sealed partial class KernelDvkDevice : IDvkDevice
{
    /// <summary>Where the driver's device is by default.</summary>
    public const string DefaultPath = "/dev/dvk";

    private readonly KernelDvkDeviceOptions _options;
    private readonly DvkHandle _handle;

    // Not the caller's own: what a log throws is no outcome of a driver call.
    private readonly ProxyLogger? _logger;
    private int _taskCount = DvkResult.HighestTaskErrno;

    private KernelDvkDevice(KernelDvkDeviceOptions options, DvkHandle handle)
    {
        _options = options;
        _handle = handle;
        _logger = options.Logger is { } logger
            ? new ProxyLogger(logger, TimeProvider.System, ProxyOptions.DefaultLogBurst, ProxyOptions.DefaultLogPeriod, new LogFailures())
            : null;
    }

    /// <inheritdoc/>
    public DvkFixes Fixes => _options.Fixes;

    /// <inheritdoc/>
    public DataModel DataModel => IntPtr.Size == sizeof(long) ? DataModel.Lp64 : DataModel.Ilp32;

    /// <inheritdoc/>
    public int CurrentThreadId => CallerThread.Current.Id;

    /// <inheritdoc/>
    public unsafe int LocalNodeId
    {
        get
        {
            var record = stackalloc byte[DvsRecordCheck.RoomForRecord];
            return DvkResult.ToNodeId(_handle.CallToEnd(DvkIoctl.GetDvsInfo, record), out var nodeId) == DvkError.Ok ? nodeId : -1;
        }
    }

    /// <summary>Opens the driver and makes sure that it is one this library can talk to. A DVS need not be initialised yet.</summary>
    /// <exception cref="DvkUnavailableException">Not loaded, no right, not a DVK, or another version: the exception says which.</exception>
    public static KernelDvkDevice Open() => Open(DefaultPath);

    /// <inheritdoc cref="Open()"/>
    /// <param name="path">Path of the device.</param>
    public static KernelDvkDevice Open(string path) => Open(new KernelDvkDeviceOptions { Path = path });

    /// <inheritdoc cref="Open()"/>
    /// <param name="options">Paths and checks.</param>
    public static KernelDvkDevice Open(KernelDvkDeviceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Path);
        if (!OperatingSystem.IsLinux())
        {
            throw new DvkUnavailableException(
                DvkUnavailableReason.UnsupportedPlatform,
                DvkError.NotImplemented,
                $"open {options.Path}",
                "The DVK is a module of the Linux kernel. Use the emulation on this system.");
        }

        var handle = DvkHandle.TryOpen(options.Path, out var errno) ?? throw DvkOpenFailure.ForOpen(options.Path, errno);
        try
        {
            var device = new KernelDvkDevice(options, handle);
            device.Probe();
            return device;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DvkUnavailableException">The DVS was initialised by a driver of another version, see
    /// <see cref="DvkUnavailableException.Reason"/>.</exception>
    public DvsInfo GetDvsInfo()
    {
        var error = TryGetDvsInfo(out var info);
        return info ?? throw DvkAdvice.Refusal(DvkCall.GetDvsInfo, error, "read the limits of the DVS");
    }

    /// <summary>Closes the device. A call in progress ends first; <see cref="Interrupt"/> its thread to make it.</summary>
    public void Dispose() => _handle.Dispose();

    private static DvkException Refusal(DvkCall call, int raw, string attempted, int? nodeId = null, int? dcId = null, int? proxyId = null) =>
        DvkAdvice.Refusal(call, DvkResult.ToError(raw), attempted, nodeId, dcId, proxyId);

    private void Probe()
    {
        var error = TryGetDvsInfo(out _);
        if (error is not (DvkError.Ok or DvkError.DvsNotInitialised))
        {
            throw DvkOpenFailure.ForProbe(_options.Path, error);
        }
    }

    private unsafe DvkError TryGetDvsInfo(out DvsInfo? info)
    {
        Span<byte> record = stackalloc byte[DvsRecordCheck.RoomForRecord];
        record.Clear();
        fixed (byte* pointer = record)
        {
            var error = DvkResult.ToNodeId(_handle.CallToEnd(DvkIoctl.GetDvsInfo, pointer), out _);
            info = error == DvkError.Ok ? DvsRecordCheck.Read(record, _options.Path) : null;
            _taskCount = info?.MaxTasks ?? _taskCount;
            return error;
        }
    }
}
