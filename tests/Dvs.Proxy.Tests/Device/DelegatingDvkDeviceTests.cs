using System.Reflection;
using Dvs.Proxy.Device;
using Dvs.Proxy.Emulation;

namespace Dvs.Proxy.Tests.Device;

/// <summary>A decorator forwards every member of the driver it stands in front of, those included that have a default.</summary>
public class DelegatingDvkDeviceTests
{
    private const byte Callvirt = 0x6F;
    private const byte LoadField = 0x7B;
    private const byte LoadArgumentShort = 0x0E;

    // nop, ldarg.0 to ldarg.3, ret.
    private static readonly byte[] PlainInstructions = [0x00, 0x02, 0x03, 0x04, 0x05, 0x2A];

    public static TheoryData<string> Members { get; } = [.. Forwarders().Select(static pair => pair.Name)];

    [Theory]
    [MemberData(nameof(Members))]
    public void Every_member_is_forwarded_and_can_be_overridden(string member)
    {
        var (_, contract, target) = Forwarders().Single(pair => pair.Name == member);

        Assert.True(target is { IsVirtual: true, IsFinal: false }, "cannot be overridden");
        Assert.Equal([contract], CallsOf(target));
    }

    [Fact]
    public void Disposing_of_it_disposes_of_the_driver_behind()
    {
        var inner = EmulatedDvk.StartNode(0);
        new Decorator(inner).Dispose();
        Assert.Equal(-1, inner.LocalNodeId);
    }

    [Fact]
    public void Nothing_to_forward_to_is_an_error_at_once() => Assert.Throws<ArgumentNullException>("inner", static () => new Decorator(null!));

    private static IEnumerable<(string Name, MethodInfo Contract, MethodInfo Target)> Forwarders() =>
        from contract in typeof(IDvkDevice).GetInterfaces().Append(typeof(IDvkDevice))
        where contract != typeof(IDisposable)
        let map = typeof(DelegatingDvkDevice).GetInterfaceMap(contract)
        from place in Enumerable.Range(0, map.InterfaceMethods.Length)
        select ($"{contract.Name}.{map.InterfaceMethods[place].Name}", map.InterfaceMethods[place], map.TargetMethods[place]);

    // A forwarder's code loads its arguments and a field, and calls.
    private static List<MethodBase> CallsOf(MethodInfo method)
    {
        var code = method.GetMethodBody()!.GetILAsByteArray()!;
        List<MethodBase> calls = [];
        for (var at = 0; at < code.Length; at++)
        {
            switch (code[at])
            {
                case Callvirt:
                    calls.Add(method.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1))!);
                    at += sizeof(int);
                    break;
                case LoadField:
                    at += sizeof(int);
                    break;
                case LoadArgumentShort:
                    at++;
                    break;
                default:
                    Assert.Contains(code[at], PlainInstructions);
                    break;
            }
        }

        return calls;
    }

    private sealed class Decorator(IDvkDevice inner) : DelegatingDvkDevice(inner);
}
