using Dvs.Proxy.Device.Administration;

namespace Dvs.Proxy.Device.Kernel;

/// <summary>Says in plain words why <c>/dev/dvk</c> could not be opened.</summary>
internal static class DvkOpenFailure
{
    private const int NoEntry = 2;
    private const int NoSuchDeviceOrAddress = 6;
    private const int Access = 13;
    private const int NotPermitted = 1;
    private const int NoDevice = 19;
    private const int NotADirectory = 20;
    private const int OperationNotSupported = 95;

    /// <summary><c>open</c> itself failed.</summary>
    internal static DvkUnavailableException ForOpen(string path, int errno)
    {
        var (reason, advice) = errno switch
        {
            NoEntry or NotADirectory => (
                DvkUnavailableReason.NotLoaded,
                $"There is no {path}: the kernel module is not loaded, or nobody has made its device file, which it does not do itself. "
                    + $"Load it ('insmod dvk.ko' or 'modprobe dvk'), make the file "
                + $"('mknod {path} c 33 0') and look with 'ls -l {path}' (a character device, major 33)."),
            NoSuchDeviceOrAddress or NoDevice => (
                DvkUnavailableReason.NotLoaded,
                $"{path} is there, but no driver stands behind it: the kernel module is not loaded. Load it ('insmod dvk.ko' or 'modprobe dvk')."),
            Access or NotPermitted => (
                DvkUnavailableReason.AccessDenied,
                $"This process may not open {path}. Run it as root, or give it read access to the device and the capability CAP_SYS_ADMIN "
                + "(in a systemd unit: AmbientCapabilities=CAP_SYS_ADMIN)."),
            _ => (DvkUnavailableReason.Other, "The system gives no better reason; see the kernel's log ('dmesg')."),
        };
        return new DvkUnavailableException(reason, (DvkError)(-errno), $"open {path}", advice);
    }

    /// <summary>The file was opened, but does not answer as a DVK does.</summary>
    internal static DvkUnavailableException ForProbe(string path, DvkError error)
    {
        var (reason, advice) = error switch
        {
            DvkError.NotTty or DvkError.Invalid or DvkError.NotImplemented or DvkError.BadIoctl or (DvkError)(-OperationNotSupported) => (
                DvkUnavailableReason.NotADvk,
                $"{path} is not the device of a DVK: it is an ordinary file, or belongs to another driver. Look with 'ls -l {path}' (a "
                    + $"character device, major 33), and name the right path."),
            DvkError.Privileges or DvkError.Perm or DvkError.Access => (
                DvkUnavailableReason.AccessDenied,
                $"{path} was opened, but the driver serves only processes with the capability CAP_SYS_ADMIN. Run as root, or give the process that capability "
                + "(in a systemd unit: AmbientCapabilities=CAP_SYS_ADMIN)."),
            _ => (DvkUnavailableReason.Other, DvkAdvice.For(DvkCall.GetDvsInfo, error)
                ?? "The driver does not answer the question for its limits; see the kernel's log ('dmesg')."),
        };
        return new DvkUnavailableException(reason, error, $"use {path}", advice);
    }
}
