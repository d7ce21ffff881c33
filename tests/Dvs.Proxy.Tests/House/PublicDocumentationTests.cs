using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Dvs.Proxy.Emulation;
using Dvs.Proxy.Pairing;
using PublicDocumentation;

namespace Dvs.Proxy.Tests.House;

/// <summary>What somebody reads who writes a program with the packages: every type and member says what it is, and no entry is of something
/// that only this repository can use.</summary>
public sealed class PublicDocumentationTests
{
    public static TheoryData<Type> Packages => [typeof(MultiNodeProxy), typeof(EmulatedDvk)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Every_public_type_and_member_has_a_summary(Type representative)
    {
        var entries = Read(representative).Descendants("member").ToDictionary(static entry => (string)entry.Attribute("name")!);
        var visible = DocumentationIds.Visible(representative.Assembly).ToArray();

        Assert.True(visible.Length > 20, "The assembly has hardly any public member.");
        HouseRule.AssertKept(
            from seen in visible
            where entries.TryGetValue(seen.Id, out var entry) ? !SaysSomething(entry) : !SpeaksForItself(seen.Member)
            select $"{seen.Id} has no summary");
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_documents_what_is_public_and_nothing_else(Type representative)
    {
        var documentation = Read(representative);
        var ids = DocumentationIds.Visible(representative.Assembly).Select(static seen => seen.Id).ToHashSet();
        var publicBefore = documentation.Descendants("member").Count(entry => ids.Contains((string)entry.Attribute("name")!));

        DocumentationFile.Remove(DocumentationFile.EntriesBeside(documentation, ids));

        var types = representative.Assembly.GetTypes().ToLookup(static type => type.FullName!.Replace('+', '.'));
        Assert.Equal(publicBefore, documentation.Descendants("member").Count());
        Assert.Contains(documentation.Descendants("member"), entry => (string?)entry.Attribute("name") == "T:" + representative.FullName);
        Assert.DoesNotContain(
            documentation.Descendants("member").Select(static entry => (string)entry.Attribute("name")!),
            name => name.StartsWith("T:", StringComparison.Ordinal) && !types[name[2..]].Any(static type => type.IsVisible));
    }

    private static XDocument Read(Type representative) =>
        XDocument.Load(Path.ChangeExtension(representative.Assembly.Location, ".xml"));

    private static bool SaysSomething(XElement entry) =>
        entry.Element("inheritdoc") is not null || entry.Element("summary") is { } summary && (summary.Value.Trim().Length > 0 || summary.HasElements);

    /// <summary>What has no entry because nobody wrote it, or because what it overrides says it.</summary>
    private static bool SpeaksForItself(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => constructor.GetParameters().Length == 0 || typeof(Delegate).IsAssignableFrom(constructor.DeclaringType),
        MethodInfo method => method.GetBaseDefinition() != method || method.IsDefined(typeof(CompilerGeneratedAttribute))
            || typeof(Delegate).IsAssignableFrom(method.DeclaringType),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(static accessor => accessor.GetBaseDefinition() != accessor)
            || property.IsDefined(typeof(CompilerGeneratedAttribute)),
        _ => false,
    };
}
