using System.Runtime.CompilerServices;
using System.Text.Json;
using Json.Schema;
using Microsoft.Extensions.AI;

namespace Rebound.Agents.Tools;

/// <summary>Holds the arguments of calls to the JSON schemas of their tools.</summary>
internal static class ArgumentSchema
{
    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };

    private static readonly ConditionalWeakTable<AIFunctionDeclaration, Compiled> Known = [];

    /// <summary>
    /// The violations of a tool's schema by a call's arguments, each with its place; null for none, and where the schema itself cannot
    /// be read.
    /// </summary>
    public static string? Problem(AIFunctionDeclaration tool, JsonElement arguments)
    {
        if (Known.GetValue(tool, declared => new Compiled(Compile(declared.JsonSchema))).Schema is not { } schema)
        {
            return null;
        }

        var result = schema.Evaluate(arguments, Listed);
        return result.IsValid ? null : string.Join("; ", (result.Details ?? [])
            .Where(detail => detail.Errors is { Count: > 0 })
            .SelectMany(detail => detail.Errors!.Values.Select(error => Place($"{detail.InstanceLocation}") + error.TrimEnd('.')))
            .Distinct());
    }

    private static string Place(string pointer) => pointer.Length == 0 ? "" : $"{pointer.TrimStart('/').Replace('/', '.')}: ";

    private static JsonSchema? Compile(JsonElement schema)
    {
        try
        {
            return JsonSchema.FromText(schema.GetRawText());
        }
        catch (Exception e) when (e is JsonException or JsonSchemaException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record Compiled(JsonSchema? Schema);
}
