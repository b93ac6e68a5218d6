using System.Text.Json;
using Rebound.Server.Http;

namespace Rebound.Server.OpenAi;

/// <summary>
/// Members that other servers know and this one cannot keep to, though the answer would be another one: they are refused by name, unless
/// their value asks for what is done anyway.
/// </summary>
internal static class RefusedMembers
{
    private const string Forms =
        "answers are held to JSON Schemas, regular expressions, lists and grammars, by 'response_format' or 'structured_outputs'.";

    private const string AsTheyStand = "POST /v1/completions goes on with tokens as they stand.";

    /// <summary>By name: the value that asks for nothing (JSON), and why others are refused.</summary>
    private static readonly Dictionary<string, (string? Neutral, string Why)> Known = new(StringComparer.Ordinal)
    {
        ["structural_tag"] = (null, Forms),
        ["prompt_logprobs"] = (null, "log-probabilities of a prompt are not computed."),
        ["chat_template"] = (null, "the template is the model's; 'chat_template_kwargs' sets its variables."),
        ["add_generation_prompt"] = ("true", $"the model's turn is always opened; {AsTheyStand}"),
        ["continue_final_message"] = ("false", $"the model begins a turn of its own; {AsTheyStand}"),
        ["echo"] = ("false", "POST /v1/completions gives prompts back."),
        ["include_stop_str_in_output"] = ("false", "a text ends before what stops it; 'return_token_ids' has all tokens."),
        ["skip_special_tokens"] = ("true", "special tokens are not a part of texts; 'return_token_ids' has all tokens."),
        ["use_beam_search"] = ("false", "tokens are drawn one by one."),
        ["length_penalty"] = ("1", "it belongs to the search of beams, and tokens are drawn one by one."),
    };

    /// <summary>Takes away what asks for nothing, and refuses the rest that is known.</summary>
    /// <exception cref="ApiException">There is such a member.</exception>
    public static void Check(Dictionary<string, JsonElement>? members)
    {
        foreach (var (name, (neutral, why)) in members is null ? [] : Known)
        {
            if (!members!.TryGetValue(name, out var value))
            {
                continue;
            }

            if (value.ValueKind != JsonValueKind.Null && !IsNeutral(value, neutral))
            {
                throw ApiException.Invalid(name, $"'{name}' cannot be kept to: {why}");
            }

            members.Remove(name);
        }
    }

    private static bool IsNeutral(JsonElement value, string? neutral)
    {
        if (neutral is null)
        {
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
        }

        using var wanted = JsonDocument.Parse(neutral);
        return JsonElement.DeepEquals(value, wanted.RootElement);
    }
}
