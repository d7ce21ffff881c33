using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dvs.Proxy.Tool.Campaign.Nodes;

/// <summary>Requests and answers as one JSON line each.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(NodeRequest))]
[JsonSerializable(typeof(NodeAnswer))]
internal sealed partial class NodeJson : JsonSerializerContext
{
    public static string Write(NodeRequest request) => JsonSerializer.Serialize(request, Default.NodeRequest);

    public static string Write(NodeAnswer answer) => JsonSerializer.Serialize(answer, Default.NodeAnswer);

    /// <exception cref="JsonException">The line is no request.</exception>
    public static NodeRequest ReadRequest(string line) =>
        JsonSerializer.Deserialize(line, Default.NodeRequest) ?? throw new JsonException("an empty request");

    /// <exception cref="JsonException">The line is no answer.</exception>
    public static NodeAnswer ReadAnswer(string line) =>
        JsonSerializer.Deserialize(line, Default.NodeAnswer) ?? throw new JsonException("an empty answer");
}
