using System.Reflection;

namespace PublicDocumentation;

/// <summary>
/// What of an assembly others can use, by the names that XML documentation gives it (<c>M:Namespace.Type.Method(System.Int32)</c>). Works on
/// assemblies that are loaded and on those that are only looked at.
/// </summary>
internal static class DocumentationIds
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Types and members that are public, or protected in a type that is; accessors are part of their property or event.</summary>
    public static IEnumerable<(string Id, MemberInfo Member)> Visible(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(IsVisible))
        {
            yield return ("T:" + NameOf(type), type);
            foreach (var member in type.GetMembers(Declared).Where(IsVisible))
            {
                yield return (IdOf(member), member);
            }
        }
    }

    public static string IdOf(MemberInfo member) => member switch
    {
        Type type => "T:" + NameOf(type),
        FieldInfo field => "F:" + NameOf(field),
        EventInfo raised => "E:" + NameOf(raised),
        PropertyInfo property => "P:" + NameOf(property) + Parameters(property.GetIndexParameters()),
        MethodBase method => "M:" + NameOf(method) + Arity(method) + Parameters(method.GetParameters()) + Result(method),
        _ => throw new ArgumentException($"Members of the kind {member.MemberType} have no documentation.", nameof(member)),
    };

    private static bool IsVisible(Type type) =>
        type.IsNested ? (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!) : type.IsPublic;

    private static bool IsVisible(MemberInfo member) => member switch
    {
        Type => false, // has its own turn
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
        EventInfo raised => raised.AddMethod is { } add && IsUsable(add),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsUsable),
        MethodBase method => IsUsable(method) && !IsAccessor(method),
        _ => false,
    };

    private static bool IsUsable(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodBase method) =>
        method is MethodInfo { IsSpecialName: true } && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string NameOf(MemberInfo member) => $"{NameOf(member.DeclaringType!)}.{member.Name.Replace('.', '#')}";

    private static string NameOf(Type type) =>
        type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Namespace is { Length: > 0 } space ? $"{space}.{type.Name}" : type.Name;

    private static string Arity(MethodBase method) => method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "";

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(static parameter => Written(parameter.ParameterType)))})";

    private static string Result(MethodBase method) =>
        method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion ? "~" + Written(conversion.ReturnType) : "";

    /// <summary>A type as a parameter: with its arguments, and parameters of generics by position.</summary>
    private static string Written(Type type)
    {
        if (type.IsGenericParameter)
        {
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        }

        if (type.HasElementType)
        {
            var element = Written(type.GetElementType()!);
            return type.IsByRef ? element + "@" : type.IsPointer ? element + "*" : element + Dimensions(type.GetArrayRank());
        }

        return type.IsGenericType ? WithArguments(type, type.GetGenericArguments()) : NameOf(type);
    }

    private static string Dimensions(int rank) => rank == 1 ? "[]" : $"[{string.Join(',', Enumerable.Repeat("0:", rank))}]";

    private static string WithArguments(Type type, Type[] arguments)
    {
        var outer = type.IsNested ? WithArguments(type.DeclaringType!, arguments) : type.Namespace ?? "";
        var before = type.IsNested ? type.DeclaringType!.GetGenericArguments().Length : 0;
        var own = arguments.Take(type.GetGenericArguments().Length).Skip(before).Select(Written).ToArray();
        var name = $"{outer}.{type.Name.Split('`')[0]}";
        return own.Length == 0 ? name : $"{name}{{{string.Join(',', own)}}}";
    }
}
