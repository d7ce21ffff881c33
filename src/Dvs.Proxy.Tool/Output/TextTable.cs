namespace Dvs.Proxy.Tool.Output;

/// <summary>A column of a table of fixed widths, which can be written row by row.</summary>
/// <param name="Title">Its head.</param>
/// <param name="Width">Least width; a longer cell pushes the row apart, and nothing is cut.</param>
/// <param name="IsNumber">Aligned to the right.</param>
internal readonly record struct TableColumn(string Title, int Width, bool IsNumber = false);

/// <summary>Writes rows under aligned heads.</summary>
internal sealed class TextTable(TextWriter output, params TableColumn[] columns)
{
    public void WriteHead()
    {
        WriteRow([.. columns.Select(static column => column.Title)]);
        WriteRow([.. columns.Select(static column => new string('-', Width(column)))]);
    }

    public void WriteRow(params string[] cells) =>
        output.WriteLine(string.Join("  ", cells.Zip(columns, static (cell, column) =>
            column.IsNumber ? cell.PadLeft(Width(column)) : cell.PadRight(Width(column)))).TrimEnd());

    private static int Width(TableColumn column) => Math.Max(column.Width, column.Title.Length);
}
