using System.Globalization;

namespace Dvs.Proxy.Tests.Device.StandIn;

/// <summary>A table of struct layouts and call numbers, as a C compiler gives them (tests/vectors/layout-*.tsv).</summary>
internal sealed class LayoutTable
{
    private readonly Dictionary<string, int> _sizes = [];
    private readonly Dictionary<string, uint> _calls = [];
    private readonly List<LayoutField> _fields = [];

    internal IReadOnlyDictionary<string, uint> Calls => _calls;

    internal IReadOnlyDictionary<string, int> Sizes => _sizes;

    internal IReadOnlyList<LayoutField> AllFields => _fields;

    internal static LayoutTable Load(string model) => Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "vectors", $"layout-{model}.tsv")));

    internal static LayoutTable Parse(string text)
    {
        var table = new LayoutTable();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var cells = line.Split('\t');
            switch (cells[0])
            {
                case "size":
                    table._sizes[cells[1]] = int.Parse(cells[3], CultureInfo.InvariantCulture);
                    break;
                case "ioctl":
                    table._calls[cells[1]] = Convert.ToUInt32(cells[3], 16);
                    break;
                case "field":
                    table._fields.Add(new LayoutField(cells[1], int.Parse(cells[2], CultureInfo.InvariantCulture), int.Parse(cells[3], CultureInfo.InvariantCulture)));
                    break;
            }
        }

        return table;
    }

    internal int SizeOf(string type) => _sizes[type];

    internal LayoutField[] FieldsOf(string type) => [.. _fields.Where(field => field.Name.StartsWith(type + ".", StringComparison.Ordinal))];
}

/// <summary>One field: <c>type.name</c>, offset and size in bytes.</summary>
internal readonly record struct LayoutField(string Name, int Offset, int Size);
