using Dvs.Proxy.Configuration.Classic;
using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Diagnostics.Logging;

namespace Dvs.Proxy.Configuration.Rules;

/// <summary>
/// The options a rule looks at, and how to speak of them: by line and classic key if they came from a classic file, else by the path of the
/// option. Properties that have no classic key always go by their path.
/// </summary>
/// <param name="sink">Takes the diagnostics.</param>
/// <param name="path">Path of the options: <c>Dvs</c>, <c>Dvs:Peers:1</c>.</param>
/// <param name="source">The classic section they came from, if so.</param>
/// <param name="classicName">The classic key that sets a property.</param>
internal sealed class OptionSubject(List<ConfigurationDiagnostic> sink, string path, OptionSource? source, Func<string, string?> classicName)
{
    public static OptionSubject Node(List<ConfigurationDiagnostic> sink, ProxyOptions options) =>
        new(sink, ProxyOptions.SectionName, options.Source, NodeKey);

    public static OptionSubject Peer(List<ConfigurationDiagnostic> sink, PeerOptions peer, int index) =>
        new(sink, $"{ProxyOptions.SectionName}:{nameof(ProxyOptions.Peers)}:{index}", peer.Source, PeerKey);

    /// <summary>Whether an error about this option was reported already, so that its value says nothing.</summary>
    public bool IsRefused(string option) => source?.Find(option) is { IsValid: false };

    /// <summary>Whether the option is surely not set; only a classic file can tell.</summary>
    public bool IsMissing(string option) => source is not null && source.Find(option) is null;

    /// <summary>The option's name in the words of its source.</summary>
    public string NameOf(string option) => (source is null ? null : classicName(option) ?? ClassicKeys.Node.NameOf(option)) ?? option;

    /// <summary>Where the option is: <c>line 7</c>, or its path.</summary>
    public string PlaceOf(string option) => source?.Find(option) is { } entry ? $"line {entry.Position.Line}" : $"{path}:{option}";

    public void Error(string option, object? value, string problem, string? expected, string? suggestion = null) =>
        Add(ConfigurationSeverity.Error, option, value, problem, expected, suggestion);

    public void Warning(string option, object? value, string problem, string? expected, string? suggestion = null) =>
        Add(ConfigurationSeverity.Warning, option, value, problem, expected, suggestion);

    private static string? NodeKey(string option) =>
        option == nameof(ProxyOptions.Peers) ? ClassicKeys.ProxySection : ClassicKeys.Node.NameOf(option);

    private static string? PeerKey(string option) =>
        option == nameof(PeerOptions.Name) ? "NAME" : ClassicKeys.Tls.NameOf(option) ?? ClassicKeys.Peer.NameOf(option.Split(':')[0]);

    private void Add(ConfigurationSeverity severity, string option, object? value, string problem, string? expected, string? suggestion)
    {
        var key = source is null ? null : classicName(option);
        var entry = key is null ? null : source!.Find(option);
        var at = key is null ? default
            : (entry ?? source!.Find(option.Split(':')[0]))?.Position // what is missing in a section is missing there
            ?? source!.Position;
        sink.Add(new ConfigurationDiagnostic
        {
            Severity = severity,
            Problem = ForeignText.Escape(problem), // a rule may quote another option
            File = key is null ? null : source!.File,
            Line = at.Line,
            Column = at.Column,
            Key = key ?? $"{path}:{option}",
            Found = key is not null ? entry?.Text : value is string text ? Bare(text) : value is null ? null : FormattableString.Invariant($"{value}"),
            Expected = expected,
            Suggestion = suggestion is null ? null : ForeignText.Escape(suggestion),
        });
    }

    private static string Bare(string text)
    {
        var shown = DiagnosticBag.Show(text);
        return shown.Length > 2 && shown.Length == text.Length + 2 ? text : shown;
    }
}
