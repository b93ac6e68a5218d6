using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Rebound.Files.Json;
using Rebound.Trajectories.Formats;

namespace Rebound.Trajectories.Chat;

/// <summary>Converts tools to and from function schemas in OpenAI's form, which trajectories, agent cards and chat templates use.</summary>
public static class ToolSchemas
{
    private const string Function = "function";
    private const string Verbatim = "schema";

    /// <summary>The schemas of tools; those of <see cref="Declare"/> word for word.</summary>
    public static JsonElement Of(IEnumerable<AITool> tools) =>
        StrictJson.Element(new JsonArray([.. tools.OfType<AIFunctionDeclaration>().Select(Schema)]));

    /// <summary>Tools that are told of and cannot be called here, one for each schema of a list.</summary>
    public static IReadOnlyList<AIFunctionDeclaration> Declare(JsonElement schemas) =>
        [.. schemas.EnumerateArray().Select(schema => new Declaration(schema.Clone()))];

    private static JsonNode? Schema(
        AIFunctionDeclaration tool) => tool.AdditionalProperties.TryGetValue(Verbatim, out var known) && known is JsonElement schema
        ? StrictJson.Node(schema)
        : new JsonObject
        {
            ["type"] = Function,
            [Function] = new JsonObject
            {
                ["name"] = tool.Name,
                ["description"] = tool.Description,
                ["parameters"] = StrictJson.Node(tool.JsonSchema),
            },
        };

    private sealed class Declaration(JsonElement schema) : AIFunctionDeclaration
    {
        private static readonly JsonElement NoParameters = JsonSerializer.SerializeToElement(new { type = "object", properties = new { } });

        private readonly FunctionSchema _schema = new(schema);

        public override string Name => _schema.Name;

        public override string Description => _schema.Description;

        public override JsonElement JsonSchema => _schema.Parameters ?? NoParameters;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties { get; } =
            new Dictionary<string, object?> { [Verbatim] = schema };
    }
}
