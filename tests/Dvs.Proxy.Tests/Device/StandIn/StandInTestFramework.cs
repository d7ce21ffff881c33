using Dvs.Proxy.Tests.Device.Kernel;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("Dvs.Proxy.Tests.Device.StandIn.StandInTestFramework", "Dvs.Proxy.Tests")]

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>
/// xunit's own framework, but that it sees test classes marked <see cref="OnStandInAttribute"/> only in the process into which the native stand-in for the
/// driver is preloaded. Elsewhere they could only be skipped, all hundred of them, though they do run: <see cref="KernelStandInRunTests"/> starts that process.
/// </summary>
public sealed class StandInTestFramework(IMessageSink messageSink) : XunitTestFramework(messageSink)
{
    protected override ITestFrameworkDiscoverer CreateDiscoverer(IAssemblyInfo assemblyInfo) =>
        new Discoverer(assemblyInfo, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Discoverer(IAssemblyInfo assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkDiscoverer(assembly, sources, messages)
    {
        protected override bool IsValidTestClass(ITypeInfo type) =>
            base.IsValidTestClass(type)
            && (NativeStandIn.IsPreloaded || !type.GetCustomAttributes(typeof(OnStandInAttribute).AssemblyQualifiedName).Any());
    }
}

/// <summary>The tests of the class need the native stand-in for the driver in their process. See <see cref="KernelStandInRunTests"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnStandInAttribute : Attribute;
