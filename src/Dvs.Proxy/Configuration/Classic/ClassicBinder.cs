using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Rules;

namespace Dvs.Proxy.Configuration.Classic;

/// <summary>Turns statements into options. Checks what a section alone can tell and leaves the rest to <see cref="ProxyOptionsRules"/>.</summary>
internal sealed class ClassicBinder(DiagnosticBag diagnostics)
{
    private readonly ProxyOptions _options = new();
    private SourcePosition? _firstNode;

    public DiagnosticBag Diagnostics => diagnostics;

    public ProxyOptions Bind(IReadOnlyList<ClassicStatement> statements)
    {
        _options.Source = new OptionSource(diagnostics.File, "the file", default);
        foreach (var statement in statements)
        {
            BindSection(statement);
        }

        return _options;
    }

    /// <param name="block">The statements.</param>
    /// <param name="table">The keys of this kind of section.</param>
    /// <param name="target">Takes the values.</param>
    /// <param name="source">Takes where they came from; null where nobody asks.</param>
    public void BindBlock<T>(ClassicBlock block, ClassicKeyTable<T> table, T target, OptionSource? source)
        where T : new()
    {
        new ClassicSectionBinder<T>(this, table, target, source).Bind(block);
    }

    private void BindSection(ClassicStatement statement)
    {
        var word = statement.Words[0];
        var section = ClassicKeys.SectionOf(word.Text) ?? UnknownSection(statement);
        if (section is null)
        {
            return;
        }

        if (statement.Block is null)
        {
            diagnostics.Error(statement.Terminator.Start, section, "section without braces", statement.Terminator.Shown, "\"{\"",
                $"Write \"{section} NAME {{ … }};\".");
            return;
        }

        var name = NameOf(statement, section);
        var shown = name is null ? section : $"{section} {name}";
        var source = new OptionSource(diagnostics.File, shown, word.Start);
        if (section == ClassicKeys.NodeSection)
        {
            BindNode(statement.Block, word, name, source);
        }
        else
        {
            BindPeer(statement, name, source);
        }
    }

    private void BindNode(ClassicBlock block, ClassicToken word, string? name, OptionSource source)
    {
        var target = _options;
        if (_firstNode is { } first)
        {
            diagnostics.Error(word.Start, ClassicKeys.NodeSection, "second node section", word.Shown, "one node section",
                $"The first is in line {first.Line}: remove one of them.");
            target = new ProxyOptions();
        }
        else
        {
            _firstNode = word.Start;
            target.NodeName = name;
            target.Source = source;
        }

        BindBlock(block, ClassicKeys.Node, target, source);
    }

    private void BindPeer(ClassicStatement statement, string? name, OptionSource source)
    {
        // Classic files mean classic bytes unless they say otherwise.
        var peer = new PeerOptions { Name = name ?? "", Source = source, UseSession = false };
        var at = name is null ? statement.Words[0] : statement.Words[1];
        source.Set(nameof(PeerOptions.Name), new("NAME", at.Start, at.Start, at.Shown, name is not null));
        _options.Peers.Add(peer);
        BindBlock(statement.Block!, ClassicKeys.Peer, peer, source);
        foreach (var key in ClassicKeys.Peer.Keys)
        {
            if (key.WarnIfMissing && source.Find(key.Options[0]) is null)
            {
                diagnostics.Warning(source.Position, key.Name, "missing key", null, $"{key.Values} in {DiagnosticBag.Show(source.Section)}",
                    $"It is taken as {key.Default}.");
            }
        }
    }

    private string? NameOf(ClassicStatement statement, string section)
    {
        var words = statement.Words;
        if (words.Count == 1)
        {
            diagnostics.Error(statement.Terminator.Start, section, "section without a name", statement.Terminator.Shown, "a NAME before it");
            return null;
        }

        if (words.Count > 2)
        {
            diagnostics.Error(words[2].Start, section, "more than one name", words[2].Shown, "\"{\"");
        }

        return words[1].Text;
    }

    // A misspelt section is bound as what it was very likely meant to be, so that its own errors show too.
    private string? UnknownSection(ClassicStatement statement)
    {
        var word = statement.Words[0];
        var nearest = statement.Block is null ? null : EditDistance.Nearest(word.Text, [ClassicKeys.NodeSection, ClassicKeys.ProxySection]);
        var owner = ClassicKeys.OwnerOf(word.Text);
        var suggestion = nearest is not null ? $"Did you mean \"{nearest}\"?"
            : owner is not null ? $"{word.Text} belongs into a {owner} section." : null;
        diagnostics.Error(word.Start, null, "unknown section", word.Shown, "node or proxy", suggestion);
        return nearest;
    }
}
