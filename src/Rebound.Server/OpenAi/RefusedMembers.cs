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

    private const string Beams = "tokens are drawn one by one, and not searched for in beams.";
    private const string Drawing = "tokens are drawn by temperature, top-k, top-p, min-p, penalties and bias alone.";
    private const string Template = "the template is the model's; 'chat_template_kwargs' sets its variables.";
    private const string Adapter = "the name that 'model' has chooses an adapter.";

    /// <summary>By name: the value that asks for nothing (JSON), and why others are refused.</summary>
    private static readonly Dictionary<string, (string? Neutral, string Why)> Known = new(StringComparer.Ordinal)
    {
        ["structural_tag"] = (null, Forms),
        ["ebnf"] = (null, Forms),
        ["json_schema"] = (null, Forms),
        ["regex"] = (null, Forms),
        ["chat_template"] = (null, Template),
        ["enable_thinking"] = (null, Template),
        ["thinking"] = (null, Template),
        ["documents"] = (null, "write them in 'messages'."),
        ["functions"] = (null, "'tools' is their newer name."),
        ["function_call"] = (null, "'tool_choice' is its newer name."),
        ["modalities"] = ("""["text"]""", "answers are text."),
        ["audio"] = (null, "answers are text."),
        ["web_search_options"] = (null, "the model searches by 'tools' alone."),
        ["background"] = ("false", "answers come with their requests."),
        ["conversation"] = (null, "'previous_response_id' goes on with one."),
        ["prompt"] = (null, "a conversation is given whole, by 'messages' or 'input'."),
        ["include_reasoning"] = ("true", "reasoning comes as 'reasoning_content'."),
        ["thinking_token_budget"] = (null, "'max_tokens' counts reasoning, too."),
        ["add_generation_prompt"] = ("true", "POST /v1/chat/completions has it."),
        ["continue_final_message"] = ("false", "POST /v1/chat/completions has it."),
        ["echo"] = ("false", "POST /v1/chat/completions and /v1/completions have it."),
        ["use_beam_search"] = ("false", Beams),
        ["length_penalty"] = ("1", Beams),
        ["early_stopping"] = ("false", Beams),
        ["best_of"] = ("1", "all answers that are generated are returned."),
        ["truncate_prompt_tokens"] = (null, "a prompt is read whole, or refused where it is too long."),
        ["logits_processors"] = (null, Drawing),
        ["typical_p"] = ("1", Drawing),
        ["tfs_z"] = ("1", Drawing),
        ["top_a"] = ("0", Drawing),
        ["top_n_sigma"] = ("-1", Drawing),
        ["mirostat"] = ("0", Drawing),
        ["dynatemp_range"] = ("0", Drawing),
        ["dry_multiplier"] = ("0", Drawing),
        ["xtc_probability"] = ("0", Drawing),
        ["repeat_penalty"] = ("1", "its name here is 'repetition_penalty'."),
        ["n_predict"] = (null, "its name here is 'max_tokens'."),
        ["max_new_tokens"] = (null, "its name here is 'max_tokens'."),
        ["min_new_tokens"] = ("0", "its name here is 'min_tokens'."),
        ["stop_regex"] = (null, "'stop' takes texts as they stand."),
        ["lora"] = (null, Adapter),
        ["lora_path"] = (null, Adapter),
        ["lora_request"] = (null, Adapter),
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
            return value.ValueKind switch
            {
                JsonValueKind.Array => value.GetArrayLength() == 0,
                JsonValueKind.Object => !value.EnumerateObject().Any(),
                JsonValueKind.String => value.ValueEquals(""),
                _ => false,
            };
        }

        using var wanted = JsonDocument.Parse(neutral);
        return JsonElement.DeepEquals(value, wanted.RootElement);
    }
}
