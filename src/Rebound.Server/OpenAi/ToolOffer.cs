using System.Text.Json;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
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
