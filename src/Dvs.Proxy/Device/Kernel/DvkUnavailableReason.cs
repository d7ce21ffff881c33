namespace Dvs.Proxy.Device.Kernel;

/// <summary>Why the kernel driver cannot be used. See <see cref="DvkUnavailableException"/>.</summary>
public enum DvkUnavailableReason
{
    /// <summary>None of the others; the message says what the system answered.</summary>
    Other = 0,

    /// <summary>The device file is not there, or nothing stands behind it: the kernel module is not loaded.</summary>
    NotLoaded,

    /// <summary>No right to open or use the device: CAP_SYS_ADMIN is needed.</summary>
    AccessDenied,

    /// <summary>The path is not a DVK: a regular file, a directory, or the device of another driver.</summary>
    NotADvk,

    /// <summary>The driver has another version than the one this library was written against.</summary>
    VersionMismatch,

    /// <summary>The driver was built for 32 bits and this process is a 64-bit one, or the other way round.</summary>
    DataModelMismatch,

    /// <summary>Version and data model fit, but the limits or sizes in the driver's info record make no sense.</summary>
    ImplausibleInfo,

    /// <summary>Not Linux, or a processor this library does not know.</summary>
    UnsupportedPlatform,
}
