using System.Reflection;
using Dvs.Proxy.Tests.Device.Kernel;
using Dvs.Proxy.Tests.Device.StandIn;
using Xunit.v3;

[assembly: TestFramework(typeof(StandInTestFramework))]

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>
/// xunit's own framework, but that it sees test classes marked <see cref="OnStandInAttribute"/> only in the process into which the native stand-in for the
/// driver is preloaded. Elsewhere they could only be skipped, all hundred of them, though they do run: <see cref="KernelStandInRunTests"/> starts that process.
/// </summary>
public sealed class StandInTestFramework : XunitTestFramework
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(Assembly assembly) =>
        new Discoverer(new XunitTestAssembly(assembly, configFilePath: null, version: assembly.GetName().Version));

    private sealed class Discoverer(IXunitTestAssembly assembly) : XunitTestFrameworkDiscoverer(assembly)
    {
        protected override bool IsValidTestClass(Type type) =>
            base.IsValidTestClass(type) && (NativeStandIn.IsPreloaded || !type.IsDefined(typeof(OnStandInAttribute), inherit: true));
    }
}

/// <summary>The tests of the class need the native stand-in for the driver in their process. See <see cref="KernelStandInRunTests"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnStandInAttribute : Attribute;
