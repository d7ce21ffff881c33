namespace Dvs.Proxy.Tests.Conformance;

/// <summary>The emulation answers as the kernel module was recorded to.</summary>
public class EmulationConformanceTests
{
    [Theory]
    [MemberData(nameof(ConformanceProcess.SectionNames), MemberType = typeof(ConformanceProcess))]
    public void The_emulation_answers_as_the_kernel_module(string section)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "whether a thread sleeps is read below /proc, which is a thing of Linux");
        ConformanceProcess.AssertConforms(section, new Dictionary<string, string>(), "--device", "emulated");
    }

    [Theory]
    [InlineData("I")]
    [InlineData("R")]
    public void A_strict_emulation_hangs_where_the_kernel_module_as_published_does(string section)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "whether a thread sleeps is read below /proc, which is a thing of Linux");
        ConformanceProcess.AssertConforms(section, new Dictionary<string, string>(), "--device", "emulated", "--strict");
    }
}
