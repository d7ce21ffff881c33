using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Dvs.Proxy.Tests.Device.StandIn;

namespace Dvs.Proxy.Tests.Protocol.Frames;

/// <summary>The example of docs/codec.md: it works, and the document shows what works.</summary>
public partial class CodecExampleTests
{
    [Fact]
    public async Task What_it_writes_it_reads()
    {
        var pipe = new Pipe();
        var writing = CodecExample.WriteAsync(pipe.Writer);
        var commands = await CodecExample.ReadAsync(pipe.Reader).WaitAsync(TimeSpan.FromSeconds(30));
        await writing;
        Assert.Equal(
            ["SendMessage type 1, 0 bytes", "SendMessage type 2, batched", "SendMessage type 3, batched", "CopyInData type 0, 1000 bytes"],
            commands);
    }

    [Fact]
    public void The_document_shows_this_very_code()
    {
        var document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "codec.md"));
        var code = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "Dvs.Proxy.Tests", "Protocol", "Frames", "CodecExample.cs"));
        var shown = Block().Match(document);
        Assert.True(shown.Success, "docs/codec.md has no block of C#.");
        Assert.Equal(Namespace().Replace(code, "", 1).TrimEnd(), shown.Groups[1].Value.TrimEnd());
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^namespace [^\n]*\n\n", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
