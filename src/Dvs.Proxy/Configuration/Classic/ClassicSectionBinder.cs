using Dvs.Proxy.Configuration.Classic.Syntax;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>Binds the statements of one section with its key table.</summary>
internal sealed class ClassicSectionBinder<T>(ClassicBinder binder, ClassicKeyTable<T> table, T target, OptionSource? source)
    where T : new()
{
    private readonly Dictionary<ClassicKey<T>, ClassicToken> _seen = [];

    public void Bind(ClassicBlock block)
    {
        foreach (var statement in block.Statements)
        {
            BindStatement(statement);
        }
    }

    // One statement, or several that lack the semicolon between them.
    private void BindStatement(ClassicStatement statement)
    {
        var words = statement.Words;
        for (var start = 0; start < words.Count;)
        {
            var end = EndOfStatement(words, start);
            var isLast = end == words.Count;
            var next = isLast ? statement.Terminator : words[end];
            if (!isLast)
            {
                binder.Diagnostics.Error(words[end - 1].End, table.Find(words[start].Text)?.Name, "missing \";\"", next.Shown,
                    $"\";\" behind {words[end - 1].Shown}");
            }

            BindKey(words[start], [.. words.Skip(start + 1).Take(end - start - 1)], isLast ? statement.Block : null, next);
            start = end;
        }
    }

    /// <summary>Where the statement that begins at <paramref name="start"/> was very likely meant to end.</summary>
    private int EndOfStatement(IReadOnlyList<ClassicToken> words, int start)
    {
        var key = table.Find(words[start].Text);
        var mostValues = key?.MaxValues ?? 1;
        for (var i = start + 1; i < words.Count; i++)
        {
            var startsLine = words[i].Start.Line > words[i - 1].End.Line;
            var isKey = !words[i].IsQuoted && table.Find(words[i].Text) is not null;
            var isComplete = i - start - 1 >= mostValues;
            if (isKey ? startsLine || isComplete : startsLine && isComplete && key is not null)
            {
                return i;
            }
        }

        return words.Count;
    }

    private void BindKey(ClassicToken word, IReadOnlyList<ClassicToken> values, ClassicBlock? block, ClassicToken next)
    {
        if (table.Find(word.Text) is not { } key)
        {
            UnknownKey(word);
            return;
        }

        var isDuplicate = _seen.TryGetValue(key, out var first);
        if (isDuplicate)
        {
            var alias = first.Text.Equals(word.Text, StringComparison.OrdinalIgnoreCase) ? "" : $" ({first.Text} is the same key)";
            binder.Diagnostics.Error(word.Start, key.Name, "duplicate key", word.Shown,
                $"it once: line {first.Start.Line} has it already{alias}", "Remove one of them.");
        }
        else
        {
            _seen.Add(key, word);
        }

        // The values of a duplicate are checked, too, but count for nothing.
        var isValid = HasRightShape(key, word, values, block, next) && Read(key, word, values, block, isDuplicate ? new T() : target);
        if (!isDuplicate && source is not null)
        {
            Record(key, word, values, isValid);
        }
    }

    private bool Read(ClassicKey<T> key, ClassicToken word, IReadOnlyList<ClassicToken> values, ClassicBlock? block, T into)
    {
        var reader = new ClassicValueReader(binder, key.Name, values, block);
        key.Read(reader, into);
        return !reader.Failed;
    }

    private bool HasRightShape(ClassicKey<T> key, ClassicToken word, IReadOnlyList<ClassicToken> values, ClassicBlock? block, ClassicToken next)
    {
        if (values.Count > key.MaxValues)
        {
            var extra = values[key.MaxValues];
            binder.Diagnostics.Error(extra.Start, key.Name, "too many values", extra.Shown, key.HasBlock ? key.Values : $"\";\" behind {key.Values}");
        }
        else if (values.Count < key.MinValues)
        {
            binder.Diagnostics.Error(next.Start, key.Name, "missing value", next.Shown, key.Values);
        }
        else if (block is not null && !key.HasBlock)
        {
            binder.Diagnostics.Error(block.Open, key.Name, "not a section", "\"{\"", $"\"{word.Text}\" with {key.Values}, and \";\"");
        }
        else if (block is null && key.HasBlock)
        {
            binder.Diagnostics.Error(next.Start, key.Name, "section without braces", next.Shown, key.Values);
        }
        else
        {
            return true;
        }

        return false;
    }

    private void UnknownKey(ClassicToken word)
    {
        var nearest = EditDistance.Nearest(word.Text, table.Words);
        var owner = ClassicKeys.OwnerOf(word.Text);
        var suggestion = owner is not null ? $"{word.Text} belongs into a {owner} section."
            : nearest is not null ? $"Did you mean \"{nearest}\"?" : null;
        var expected = suggestion is not null ? $"a key of a {table.Section} section" : $"one of {string.Join(", ", table.Keys.Select(key => key.Name))}";
        binder.Diagnostics.Error(word.Start, null, "unknown key", word.Shown, expected, suggestion);

        // What was meant is known: it need not be reported as missing, too.
        if (owner is null && nearest is not null && table.Find(nearest) is { } meant && source is not null && !_seen.ContainsKey(meant))
        {
            Record(meant, word, [], isValid: false);
        }
    }

    private void Record(ClassicKey<T> key, ClassicToken word, IReadOnlyList<ClassicToken> values, bool isValid)
    {
        for (var i = 0; i < key.Options.Length; i++)
        {
            // A list (allow) has one entry per value, too, under the option's name and its index.
            var value = values.Count == 0 ? word : values[Math.Min(i, values.Count - 1)];
            source!.Set(key.Options[i], new(key.Name, word.Start, value.Start, value.Shown, isValid));
        }

        for (var i = 0; key.MaxValues == int.MaxValue && i < values.Count; i++)
        {
            source!.Set($"{key.Options[0]}:{i}", new(key.Name, word.Start, values[i].Start, values[i].Shown, isValid));
        }
    }
}
