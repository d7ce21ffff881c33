namespace Dvs.Proxy.Conformance.Sections;

/// <summary>What a section may do to a kernel driver for good, so that only a reboot helps.</summary>
internal enum SectionHazard
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A driver as published hangs when the section's proxy threads end; a mended one does not.</summary>
    HangsAsPublished,

    /// <summary>Threads stay in the driver, mended or not, or nobody knows that they do not.</summary>
    MayHangAny,
}
