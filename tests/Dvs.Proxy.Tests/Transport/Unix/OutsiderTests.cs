using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Dvs.Proxy.Transport.Unix;

namespace Dvs.Proxy.Tests.Transport.Unix;

/// <summary>
/// A transport of another assembly can do all that a built-in one can: the proof is one that is built in and does without anything internal.
/// </summary>
public sealed class OutsiderTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    private static readonly Assembly Library = typeof(UnixSocketTransport).Assembly;
    private static readonly string Room = typeof(UnixSocketTransport).Namespace!;

    [Fact]
    public void The_Unix_transport_uses_nothing_that_another_assembly_could_not()
    {
        var types = Library.GetTypes().Where(static type => type.Namespace == Room).ToArray();
        var used = types.SelectMany(static type => type.GetMembers(Declared).OfType<MethodBase>()
            .SelectMany(UsedBy)
            .Append(type.BaseType)
            .Concat(type.GetInterfaces()))
            .OfType<MemberInfo>()
            .Distinct()
            .ToArray();

        Assert.Contains(used, static member => member is ConstructorInfo { DeclaringType.Name: "SocketConnection" }); // it does find what is used
        Assert.Empty(used.Where(IsOfTheLibrary).Where(static member => !IsOpen(member)).Select(static member => $"{member.DeclaringType}.{member}"));
    }

    private static bool IsOfTheLibrary(MemberInfo member)
    {
        var owner = member as Type ?? member.DeclaringType!;
        return owner.Assembly == Library && owner.Namespace is { } room && room != Room && !owner.IsDefined(typeof(CompilerGeneratedAttribute));
    }

    private static bool IsOpen(MemberInfo member) => (member as Type ?? member.DeclaringType!).IsVisible && member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        _ => true,
    };

    private static IEnumerable<MemberInfo> UsedBy(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            at += code[at] == 0xFE ? 2 : 1;
            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                yield return method.Module.ResolveMember(
                    BitConverter.ToInt32(code, at),
                    method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null,
                    method.IsGenericMethod ? method.GetGenericArguments() : null)!;
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
