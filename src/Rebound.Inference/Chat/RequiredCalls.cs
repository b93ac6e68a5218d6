using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Trajectories.Formats;

namespace Rebound.Inference.Chat;

/// <summary>Answers that have to be calls of tools, held to a list of them.</summary>
public static class RequiredCalls
{
    /// <summary>Calls in parallel come to this many at most, so that an answer ends.</summary>
    private const int MostCalls = 16;

    /// <summary>Keywords that may allow properties beside those that are listed, or have to see all that are there.</summary>
    private static readonly string[] OfProperties =
    [
        "additionalProperties", "patternProperties", "propertyNames", "unevaluatedProperties", "minProperties", "dependentSchemas",
        "dependentRequired", "dependencies", "$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "not",
    ];

    /// <summary>A JSON Schema of lists of calls, <c>[{"name": …, "arguments": …}, …]</c>.</summary>
    /// <param name="tools">Schemas in OpenAI's form.</param>
    /// <param name="named">The only one that may be called; null for any.</param>
    /// <param name="onlyOne">Whether a single call is wanted; it is with a named tool.</param>
    public static string Schema(JsonElement tools, string? named, bool onlyOne)
    {
        var options = new JsonArray();
        var definitions = new JsonObject();
        foreach (var (index, tool) in tools.EnumerateArray().Index())
        {
            var function = new FunctionSchema(tool);
            if (named is not null && function.Name != named)
            {
                continue;
            }

            options.Add(new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject
                {
                    ["name"] = new JsonObject { ["const"] = function.Name },
                    ["arguments"] = Parameters(function, definitions, index),
                },
                ["required"] = new JsonArray("name", "arguments"),
                ["additionalProperties"] = false,
            });
        }

        var list = new JsonObject
        {
            ["type"] = "array",
            ["minItems"] = 1,
            ["maxItems"] = onlyOne || named is not null ? 1 : MostCalls,
            ["items"] = new JsonObject { ["anyOf"] = options },
        };

        if (definitions.Count > 0)
        {
            list["$defs"] = definitions;
        }

        return list.ToJsonString();
    }

    /// <summary>
    /// A tool's parameters as a part of another schema. References within them point to their root, which is another one there, so a schema
    /// with references becomes a definition of its own, and they point into it.
    /// </summary>
    private static JsonObject Parameters(FunctionSchema function, JsonObject definitions, int index)
    {
        var schema = function.Parameters is { ValueKind: JsonValueKind.Object } parameters && !TakesNothing(parameters)
            ? JsonObject.Create(parameters)!
            : new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(), ["additionalProperties"] = false };
        if (NamesItsParameters(schema))
        {
            schema["additionalProperties"] = false;
        }

        var name = $"tool{index}";
        if (!Redirect(schema, $"#/$defs/{name}"))
        {
            return schema;
        }

        definitions[name] = schema;
        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    /// <summary>
    /// Whether a schema lists properties and says nothing else of which there may be: a function is called by the parameters that it has.
    /// </summary>
    private static bool NamesItsParameters(JsonObject schema) => schema["properties"] is JsonObject properties
        && !OfProperties.Any(schema.ContainsKey)
        && (schema["required"] as JsonArray)?.All(name => name is JsonValue text && properties.ContainsKey(text.ToString())) != false;

    /// <summary>
    /// Whether parameters are an object of which nothing is said: a function without parameters, though to the letter anything would do.
    /// </summary>
    private static bool TakesNothing(JsonElement parameters) => parameters.EnumerateObject().All(member => member.Name switch
    {
        "type" => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() == "object",
        "properties" => member.Value.ValueKind == JsonValueKind.Object && !member.Value.EnumerateObject().Any(),
        "required" => member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() == 0,
        "title" or "description" or "$schema" or "strict" => true,
        _ => false,
    });

    /// <summary>Lets references to the root point to another place; false where there are none.</summary>
    private static bool Redirect(JsonNode? node, string root)
    {
        var found = false;
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members.ToArray())
                {
                    if (name == "$ref" && value is JsonValue text && text.TryGetValue<string>(out var target) && target.StartsWith('#'))
                    {
                        members[name] = root + target[1..];
                        found = true;
                    }
                    else
                    {
                        found |= Redirect(value, root);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    found |= Redirect(item, root);
                }

                break;
            default:
                break;
        }

        return found;
    }
}
