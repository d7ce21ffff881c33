namespace Dvs.Proxy.Configuration.Classic;

/// <summary>The keys of one kind of section.</summary>
internal sealed class ClassicKeyTable<TOptions>
{
    private readonly Dictionary<string, ClassicKey<TOptions>> _byWord = new(StringComparer.OrdinalIgnoreCase);

    public ClassicKeyTable(string section, params ClassicKey<TOptions>[] keys)
    {
        Section = section;
        Keys = keys;
        foreach (var key in keys)
        {
            _byWord.Add(key.Name, key);
            foreach (var alias in key.Aliases)
            {
                _byWord.Add(alias, key);
            }
        }
    }

    public string Section { get; }

    public IReadOnlyList<ClassicKey<TOptions>> Keys { get; }

    /// <summary>Every word that is a key, aliases included.</summary>
    public IEnumerable<string> Words => _byWord.Keys;

    public ClassicKey<TOptions>? Find(string word) => _byWord.GetValueOrDefault(word);

    /// <summary>The key that sets an option, or null.</summary>
    public string? NameOf(string option) => Keys.FirstOrDefault(key => key.Options.Contains(option))?.Name;

    public IEnumerable<ConfigurationKeyDescription> Describe() => Keys.Select(key => new ConfigurationKeyDescription(
        Section, key.Name, key.Aliases, key.Values, key.Default, key.Description, key.Options));
}
