using System.Text.Json.Serialization;

namespace Dvs.Proxy.Tool.Operator;

/// <summary>A request as one line.</summary>
[JsonSourceGenerationOptions(WriteIndented = false, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(OperatorRequest))]
internal sealed partial class OperatorJson : JsonSerializerContext;
