namespace Dvs.Proxy.Conformance.Comparison;

/// <summary>Lines that only one of two texts has.</summary>
internal static class LineDifference
{
    /// <summary>The lines in order, those of the left text first where both have some in one place.</summary>
    public static IEnumerable<(bool IsLeft, string Line)> Between(ReadOnlySpan<string> left, ReadOnlySpan<string> right)
    {
        // Longest common subsequence of what begins at each pair of lines.
        var lengths = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                lengths[i, j] = left[i] == right[j] ? lengths[i + 1, j + 1] + 1 : Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
            }
        }

        var lines = new List<(bool IsLeft, string Line)>();
        var (l, r) = (0, 0);
        while (l < left.Length || r < right.Length)
        {
            if (l < left.Length && r < right.Length && left[l] == right[r])
            {
                (l, r) = (l + 1, r + 1);
            }
            else if (r == right.Length || (l < left.Length && lengths[l + 1, r] >= lengths[l, r + 1]))
            {
                lines.Add((true, left[l++]));
            }
            else
            {
                lines.Add((false, right[r++]));
            }
        }

        return lines;
    }
}
