namespace Dvs.Proxy.Transport.Tls;

/// <summary>Where a node's TLS files are. Equal files are loaded once.</summary>
/// <param name="Certificate">The node's certificate and those between it and its authority.</param>
/// <param name="Key">The certificate's private key.</param>
/// <param name="Authorities">The authorities that vouch for peers.</param>
internal sealed record TlsFiles(string Certificate, string Key, string Authorities);

/// <summary>One of the files.</summary>
internal enum TlsFileKind
{
    Certificate,
    Key,
    Authorities,
}

/// <summary>What is wrong with one of the files: <c>cannot be read: no such file</c>.</summary>
internal sealed record TlsFileProblem(TlsFileKind Kind, string Path, string Problem, string? Suggestion = null)
{
    public override string ToString() => Suggestion is null ? $"{Path}: {Problem}" : $"{Path}: {Problem}. {Suggestion.TrimEnd('.')}";
}
