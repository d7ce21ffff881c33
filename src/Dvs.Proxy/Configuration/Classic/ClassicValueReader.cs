using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Rules;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>
/// Reads the values of one statement for its key. A setter given to a method runs only if the value is good; otherwise the mistake is
/// reported and <see cref="Failed"/> is set. There are as many values as the key asks for: that was checked before.
/// </summary>
internal sealed class ClassicValueReader(ClassicBinder binder, string key, IReadOnlyList<ClassicToken> values, ClassicBlock? block)
{
    private int _next;

    public bool Failed { get; private set; }

    public void Number(Action<int> set, OptionRange range)
    {
        var word = values[_next++];
        Number(word, word.Text, set, range);
    }

    /// <summary>The next value as a number, or null where it is <paramref name="word"/>.</summary>
    public void NumberOr(string word, Action<int?> set, OptionRange range)
    {
        if (values[_next].Text.Equals(word, StringComparison.OrdinalIgnoreCase))
        {
            _next++;
            set(null);
        }
        else
        {
            Number(value => set(value), range);
        }
    }

    /// <summary>All values that are left, as numbers; commas may stand between them.</summary>
    public void Numbers(Action<int> add, OptionRange range)
    {
        while (_next < values.Count)
        {
            var word = values[_next++];
            var numbers = word.Text.Split(',', StringSplitOptions.RemoveEmptyEntries);
            foreach (var number in numbers.Length == 0 ? [word.Text] : numbers)
            {
                Number(word, number, add, range);
            }
        }
    }

    private void Number(ClassicToken word, string text, Action<int> set, OptionRange range)
    {
        if (!ClassicNumber.TryParse(text, out var value))
        {
            Fail(word, "not a number", range.ToString(), text is ['0', >= '0' and <= '9', ..] ? "A leading 0 means octal, as in C: remove it." : null);
        }
        else if (!range.Contains(value))
        {
            Fail(word, "out of range", range.ToString(), null);
        }
        else
        {
            set((int)value);
        }
    }

    public void YesNo(Action<bool> set) => OneOf(set, ("YES", true), ("NO", false));

    public void OneOf<T>(Action<T> set, params (string Word, T Value)[] choices)
    {
        var word = values[_next++];
        foreach (var (choice, value) in choices)
        {
            if (word.Text.Equals(choice, StringComparison.OrdinalIgnoreCase))
            {
                set(value);
                return;
            }
        }

        var nearest = EditDistance.Nearest(word.Text, choices.Select(choice => choice.Word));
        Fail(word, "unknown value", string.Join(" or ", choices.Select(choice => choice.Word)), nearest is null ? null : $"Did you mean {nearest}?");
    }

    public void Text(Action<string> set)
    {
        var word = values[_next++];
        if (word.Text.Length == 0)
        {
            Fail(word, "empty value", "a word", null);
            return;
        }

        set(word.Text);
    }

    /// <summary>All values that are left, as words.</summary>
    public void Rest(Action<string> add)
    {
        while (_next < values.Count)
        {
            Text(add);
        }
    }

    /// <summary>A file's name; one that is not absolute counts from the directory of the configuration file.</summary>
    public void FileName(Action<string> set) => Text(
        name => set(Path.IsPathRooted(name) ? name : Path.Combine(Path.GetDirectoryName(binder.Diagnostics.File) ?? "", name)));

    /// <summary>The block of the statement.</summary>
    public void Block<T>(ClassicKeyTable<T> table, T target, OptionSource? source)
        where T : new() => binder.BindBlock(block!, table, target, source);

    private void Fail(ClassicToken word, string problem, string expected, string? suggestion)
    {
        Failed = true;
        binder.Diagnostics.Error(word.Start, key, problem, word.Shown, expected, suggestion);
    }
}
