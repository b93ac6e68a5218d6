using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Server.Http;
using Rebound.Server.Serving;
using Rebound.Trajectories.Formats;

namespace Rebound.Server.OpenAi;

/// <summary>The tools on offer, and whether one of them has to be called.</summary>
/// <param name="Tools">Schemas in OpenAI's form, those that the model is told of; null for none.</param>
/// <param name="IsRequired">Whether the answer has to be calls.</param>
/// <param name="Named">The only one that may be called; null for any.</param>
internal sealed record ToolOffer(JsonElement? Tools, bool IsRequired = false, string? Named = null)
{
    private const string Choice = "tool_choice";
    private const string Offered = "tools";
    private const int MostTools = 256;

    /// <summary>
    /// The tools that a request offers; where it says nothing of tools, those that the model was trained with, unless it is asked with the
    /// messages as they stand.
    /// </summary>
    /// <exception cref="ApiException">They are no tools, or the choice is none.</exception>
    public static ToolOffer Read(ChatRequest request, ModelChoice choice)
    {
        var given = Given(request.Tools);
        var offer = Chosen(request.ToolChoice, given);
        var learned = given is null && choice.Prompt is not null && offer is not { IsRequired: true } && !IsNone(request.ToolChoice)
            ? choice.Model.Profile?.Card?.Tools
            : null;
        return learned is { ValueKind: JsonValueKind.Array } tools && tools.GetArrayLength() > 0 ? offer with { Tools = tools } : offer;
    }

    /// <summary>A JSON Schema of lists of calls of these tools, as <see cref="IsRequired"/> demands them.</summary>
    /// <param name="most">Most calls; null for any number.</param>
    public string CallsSchema(int? most)
    {
        var options = new JsonArray();
        var definitions = new JsonObject();
        foreach (var (index, tool) in Tools!.Value.EnumerateArray().Index())
        {
            var function = new FunctionSchema(tool);
            if (Named is not null && function.Name != Named)
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

        var list = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["anyOf"] = options } };
        if (most is { } count)
        {
            list["maxItems"] = count;
        }

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
        var name = $"tool{index}";
        if (!Redirect(schema, $"#/$defs/{name}"))
        {
            return schema;
        }

        definitions[name] = schema;
        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

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

    private static JsonElement? Given(JsonElement? tools)
    {
        if (tools is not { ValueKind: not JsonValueKind.Null } given)
        {
            return null;
        }

        if (given.ValueKind != JsonValueKind.Array)
        {
            throw ApiException.Invalid(Offered, $"'{Offered}' is {RequestBody.Kind(given)}, and must be a list of functions.");
        }

        if (given.GetArrayLength() > MostTools)
        {
            throw ApiException.Invalid(Offered, $"'{Offered}' has {given.GetArrayLength()} functions, and may have {MostTools}.");
        }

        foreach (var (index, tool) in given.EnumerateArray().Index())
        {
            if (tool.ValueKind != JsonValueKind.Object || new FunctionSchema(tool).Name.Length == 0)
            {
                throw ApiException.Invalid(
                    $"{Offered}[{index}]", $"'{Offered}[{index}]' must be {{\"type\": \"function\", \"function\": {{\"name\": …}}}}.");
            }
        }

        return given.GetArrayLength() == 0 ? null : given;
    }

    private static ToolOffer Chosen(JsonElement? choice, JsonElement? tools)
    {
        switch (choice)
        {
            case null or { ValueKind: JsonValueKind.Null }:
                return new ToolOffer(tools);
            case { ValueKind: JsonValueKind.Object } named when new FunctionSchema(named).Name is { Length: > 0 } function:
                return new ToolOffer(tools, IsRequired: true, Required(function, tools));
            case { ValueKind: JsonValueKind.String } text:
                switch (text.GetString())
                {
                    case "auto":
                        return new ToolOffer(tools);
                    case "none":
                        return new ToolOffer(Tools: null);
                    case "required":
                        return tools is not null ? new ToolOffer(tools, IsRequired: true)
                            : throw ApiException.Invalid(Choice, $"'{Choice}' is 'required', and there are no '{Offered}'.");
                }

                break;
        }

        throw ApiException.Invalid(
            Choice, $"'{Choice}' must be none, auto, required, or {{\"type\": \"function\", \"function\": {{\"name\": …}}}}.");
    }

    private static string Required(string name, JsonElement? tools) =>
        tools is { } offered && offered.EnumerateArray().Any(tool => new FunctionSchema(tool).Name == name)
            ? name
            : throw ApiException.Invalid(Choice, $"'{Choice}' names the function '{name}', which is not among the '{Offered}'.");

    private static bool IsNone(JsonElement? choice) => choice is { ValueKind: JsonValueKind.String } text && text.GetString() == "none";
}
