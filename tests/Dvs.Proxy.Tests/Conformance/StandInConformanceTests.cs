using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Conformance;

/// <summary>The kernel device on the native stand-in answers as the kernel module was recorded to.</summary>
public class StandInConformanceTests
{
    [Theory]
    [MemberData(nameof(ConformanceProcess.SectionNames), MemberType = typeof(ConformanceProcess))]
    public void The_stand_in_answers_as_the_kernel_module(string section)
    {
        // The script makes malformed calls on purpose: what the stand-in says of them is of no interest.
        var environment = new Dictionary<string, string> { ["LD_PRELOAD"] = NativeStandIn.RequirePath() };
        ConformanceProcess.AssertConforms(section, environment, "--device", "/dev/dvk", "--include-hanging");
    }
}
