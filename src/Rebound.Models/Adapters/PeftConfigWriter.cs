using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Rebound.Models.Adapters;

/// <summary><see cref="LoraSettings"/> → PEFT's <c>adapter_config.json</c>.</summary>
internal static class PeftConfigWriter
{
    /// <param name="baseModel">The base model: a folder, a file or a name; null when that is not known.</param>
    public static JsonObject Write(LoraSettings settings, string? baseModel)
    {
        var targets = settings.Targets;
        return new JsonObject
        {
            ["alpha_pattern"] = Entries(settings.AlphaPattern, value => JsonValue.Create(value)),
            ["auto_mapping"] = null,
            [PeftConfigReader.BaseModelKey] = baseModel,
            ["bias"] = "none",
            ["exclude_modules"] = NamesOrPattern(targets.ExcludedNames, targets.ExcludedPattern),
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["layers_pattern"] = NamesOrPattern(targets.BlocksPatterns, null),
            ["layers_to_transform"] = targets.Blocks.IsEmpty
                ? null
                : new JsonArray([.. targets.Blocks.Select(block => JsonValue.Create(block))]),
            ["lora_alpha"] = settings.Alpha,
            ["lora_bias"] = false,
            ["lora_dropout"] = settings.Dropout,
            ["modules_to_save"] = null,
            ["peft_type"] = "LORA",
            ["r"] = settings.Rank,
            ["rank_pattern"] = Entries(settings.RankPattern, value => JsonValue.Create(value)),
            ["revision"] = null,
            ["target_modules"] = NamesOrPattern(targets.Names, targets.Pattern),
            ["task_type"] = "CAUSAL_LM",
            ["use_dora"] = false,
            ["use_rslora"] = settings.RankStabilized,
        };
    }

    private static JsonObject Entries<T>(ImmutableArray<KeyValuePair<string, T>> pattern, Func<T, JsonNode> value) =>
        new(pattern.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)value(entry.Value))));

    private static JsonNode? NamesOrPattern(ImmutableArray<string> names, string? pattern) =>
        pattern is not null ? pattern
        : names.IsEmpty ? null
        : new JsonArray([.. names.Select(name => JsonValue.Create(name))]);
}
