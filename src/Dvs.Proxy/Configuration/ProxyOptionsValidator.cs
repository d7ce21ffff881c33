using Dvs.Proxy.Configuration.Classic.Syntax;
using Dvs.Proxy.Configuration.Rules;
using Microsoft.Extensions.Options;

namespace Dvs.Proxy.Configuration;

/// <summary>
/// Validates options when they are first asked for: at start, with ValidateOnStart. Every error is in the one exception, each with key and
/// value, or with line and column if the options came from a classic file. Warnings do not fail it; ask <see cref="ProxyOptionsRules"/> for them.
/// </summary>
/// <param name="localNode">What the driver says; null while there is no driver, then the rules that need none are checked.</param>
/// <param name="transportNames">The registered transports.</param>
internal sealed class ProxyOptionsValidator(Func<LocalNode?> localNode, Func<IReadOnlyCollection<string>> transportNames) : IValidateOptions<ProxyOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ProxyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<ConfigurationDiagnostic> found = localNode() is { } node
            ? ProxyOptionsRules.Validate(options, node.Limits, node.NodeId, transportNames())
            : ProxyOptionsRules.ValidateStatic(options);
        string[] errors = [.. DiagnosticsOf(found)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> DiagnosticsOf(IReadOnlyList<ConfigurationDiagnostic> found) =>
        Classic.Syntax.DiagnosticBag.Sort(found.Where(diagnostic => diagnostic.Severity == ConfigurationSeverity.Error)).Select(diagnostic => diagnostic.ToString());
}
