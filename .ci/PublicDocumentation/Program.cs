using System.Reflection;
using System.Xml.Linq;

namespace PublicDocumentation;

/// <summary>
/// Takes out of a documentation file what belongs to internal types and members: the compiler writes down everything that has a comment, and
/// a package would show its readers what they cannot use.
/// </summary>
internal static class Program
{
    private const string Usage = "usage: PublicDocumentation keep|check ASSEMBLY DOCUMENTATION FOLDER-OF-REFERENCES...";

    private static int Main(string[] arguments)
    {
        if (arguments is not [("keep" or "check") and var verb, var assemblyFile, var documentationFile, .. var folders])
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        var documentation = XDocument.Load(documentationFile, LoadOptions.PreserveWhitespace);
        var others = DocumentationFile.EntriesBeside(documentation, VisibleIds(assemblyFile, folders));
        if (verb == "check")
        {
            foreach (var other in others)
            {
                Console.Error.WriteLine($"{documentationFile}: {(string?)other.Attribute("name")} is not public");
            }

            return others.Length == 0 ? 0 : 1;
        }

        if (others.Length > 0)
        {
            DocumentationFile.Remove(others);
            documentation.Save(documentationFile, SaveOptions.DisableFormatting);
        }

        return 0;
    }

    private static HashSet<string> VisibleIds(string assemblyFile, string[] folders)
    {
        var files = folders.Append(Path.GetDirectoryName(Path.GetFullPath(assemblyFile))!)
            .Append(Path.GetDirectoryName(typeof(object).Assembly.Location)!)
            .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.dll"));
        using var context = new MetadataLoadContext(new PathAssemblyResolver(files), typeof(object).Assembly.GetName().Name);
        return [.. DocumentationIds.Visible(context.LoadFromAssemblyPath(Path.GetFullPath(assemblyFile))).Select(static entry => entry.Id)];
    }
}
