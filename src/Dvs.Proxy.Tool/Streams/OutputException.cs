namespace Dvs.Proxy.Tool.Streams;

/// <summary>Standard output or standard error cannot be written.</summary>
/// <param name="message">Why, in words.</param>
/// <param name="isReaderGone">Whoever read it has gone away, as <c>head</c> does: nobody needs to be told.</param>
internal sealed class OutputException(string message, bool isReaderGone) : IOException(message)
{
    public bool IsReaderGone { get; } = isReaderGone;
}
