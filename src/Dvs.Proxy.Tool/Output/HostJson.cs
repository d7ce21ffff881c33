using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Dvs.Proxy.Tool.Campaign;
using Dvs.Proxy.Tool.Operator;

namespace Dvs.Proxy.Tool.Output;

/// <summary>The documents that verbs print with <c>--format json</c>, and the one on the status socket.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CampaignReport))]
[JsonSerializable(typeof(HostStatus))]
[JsonSerializable(typeof(ConfigurationReport))]
[JsonSerializable(typeof(OperatorRequest))]
[JsonSerializable(typeof(OperatorAnswer))]
internal sealed partial class HostJson : JsonSerializerContext
{
    /// <summary>Writes one document and ends the line.</summary>
    public static Task WriteAsync<T>(TextWriter output, T document, JsonTypeInfo<T> type) =>
        output.WriteLineAsync(JsonSerializer.Serialize(document, type));
}
