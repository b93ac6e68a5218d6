using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Models.Configuration;

namespace Rebound.Models.Adapters;

/// <summary>
/// PEFT's <c>adapter_config.json</c> → <see cref="LoraSettings"/>
/// (https://huggingface.co/docs/peft/package_reference/lora#peft.LoraConfig). A key that may change what the adapter
/// computes and is not understood is an error that names it.
/// </summary>
internal static class PeftConfigReader
{
    public const string BaseModelKey = "base_model_name_or_path";
    public const string RevisionKey = "revision";

    /// <summary>Which layers PEFT adapts in this family when the configuration does not say.</summary>
    private static readonly string[] DefaultTargets = ["q_proj", "v_proj"];

    /// <summary>Where the file comes from, how Python holds it, and settings of initializations that are over.</summary>
    private static readonly string[] Inert =
    [
        BaseModelKey, "auto_mapping", "peft_version", RevisionKey, "inference_mode", "megatron_core", "runtime_config",
        "eva_config", "qalora_group_size", "ensure_weight_tying", "peft_type", "task_type", "init_lora_weights",

        // PEFT transposes only layers that store their weight transposed, which this family does not have.
        "fan_in_fan_out",
    ];

    /// <summary>Allowed with one value, JSON text.</summary>
    private static readonly (string Key, string Value, string Because)[] OnlyAs =
    [
        ("bias", "\"none\"", "as only A and B are trained"),
        ("lora_bias", "false", "as B has no bias"),
        ("use_dora", "false", "as magnitudes are not trained apart from directions"),
        ("use_qalora", "false", "as weights are not quantized in groups"),
        ("use_bdlora", "null", "as B is one matrix"),
        ("modules_to_save", "[]", "as only low-rank adapters are read; merge the adapter with PEFT first"),
        ("target_parameters", "[]", "as adapters lie beside linear layers"),
        ("trainable_token_indices", "[]", "as the embedding is not trained"),
        ("alora_invocation_tokens", "[]", "as the adapter works from the first token on"),
        ("layer_replication", "[]", "as the model keeps its layers"),
        ("loftq_config", "{}", "as the weights are used as they are"),
        ("megatron_config", "null", "as layers are not split"),
        ("arrow_config", "null", "as there is one adapter"),
        ("corda_config", "null", "as the weights are used as they are"),
        ("lora_ga_config", "null", "as the weights are used as they are"),
        ("kasa_config", "null", "as there are no singular values beside A and B"),
        ("monteclora_config", "null", "as A and B are used as they are"),
        ("velora_config", "null", "as inputs are used as they are"),
    ];

    /// <summary>Initializations that leave the base weights alone; others (PiSSA, OLoRA, LoftQ) change them.</summary>
    private static readonly string[] PlainInitializations = ["true", "false", "\"gaussian\"", "\"eva\"", "\"orthogonal\""];

    /// <exception cref="CheckpointException">Keys are unknown, or have values that are not supported: all are named.</exception>
    public static LoraSettings Read(JsonObject json, string path)
    {
        var problems = new List<string>();
        var reader = new ConfigReader(json, problems);
        Check(reader);
        var settings = new LoraSettings
        {
            Rank = reader.Count("r", 8),
            Alpha = reader.Number("lora_alpha", 8),
            Dropout = reader.Number("lora_dropout", 0, zeroAllowed: true),
            RankStabilized = reader.Flag("use_rslora", false),
            Targets = Targets(reader),
            RankPattern = Pattern(
                reader, "rank_pattern", node => node is JsonValue value && value.TryGetValue<int>(out var rank) ? rank : (int?)null),
            AlphaPattern = Pattern(
                reader, "alpha_pattern", node => node is JsonValue value && value.TryGetValue<float>(out var alpha) ? alpha : (float?)null),
        };
        reader.ReportUnread(IsOff);
        try
        {
            settings.Validate();
        }
        catch (ArgumentException exception)
        {
            problems.Add(exception.Message);
        }

        return problems.Count == 0
            ? settings
            : throw new CheckpointException(path, null, $"the adapter cannot be used: {string.Join("; ", problems)}.");
    }

    private static void Check(ConfigReader reader)
    {
        if (reader.Text("peft_type") is var type and not "LORA")
        {
            reader.Problem("peft_type", $"is {type ?? "missing"}: only LORA is supported");
        }

        if (reader.Text("task_type") is { } task and not "CAUSAL_LM")
        {
            reader.Problem("task_type", $"is {task}: only CAUSAL_LM is supported");
        }

        if (reader.Node("init_lora_weights") is { } initialization && !PlainInitializations.Contains(initialization.ToJsonString()))
        {
            reader.Problem(
                "init_lora_weights", $"is {initialization.ToJsonString()}, which changes the base weights; convert the adapter "
                + "to a plain one with PEFT's path_initial_model_for_weight_conversion");
        }

        foreach (var key in Inert)
        {
            reader.Ignore(key);
        }

        foreach (var (key, value, because) in OnlyAs)
        {
            if (reader.Node(key) is { } node && !IsOff(node))
            {
                reader.Only(key, value, because);
            }
        }
    }

    /// <summary>PEFT writes null, false or something empty for what an adapter does without, later versions' additions too.</summary>
    private static bool IsOff(JsonNode node) => node is JsonArray { Count: 0 } or JsonObject { Count: 0 }
        || node.GetValueKind() == JsonValueKind.False
        || (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0);

    private static LoraTargets Targets(ConfigReader reader)
    {
        var (names, pattern) = NamesOrPattern(reader, "target_modules");
        var (excludedNames, excludedPattern) = NamesOrPattern(reader, "exclude_modules");
        var (blocksPatterns, blocksPattern) = NamesOrPattern(reader, "layers_pattern");
        return new LoraTargets
        {
            Names = reader.Node("target_modules") is null ? [.. DefaultTargets] : names,
            Pattern = pattern,
            ExcludedNames = excludedNames,
            ExcludedPattern = excludedPattern,
            Blocks = [.. reader.TokenIds("layers_to_transform", "layer numbers")],
            BlocksPatterns = blocksPattern is { Length: > 0 } ? [blocksPattern] : blocksPatterns,
        };
    }

    private static (ImmutableArray<string> Names, string? Pattern) NamesOrPattern(ConfigReader reader, string key)
    {
        switch (reader.Node(key))
        {
            case null:
                return ([], null);
            case JsonArray list when list.All(entry => entry?.GetValueKind() == JsonValueKind.String):
                return ([.. list.Select(entry => entry!.GetValue<string>())], null);
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                return ([], value.GetValue<string>());
            case { } other:
                reader.Problem(key, $"is {other.ToJsonString()}, neither a list of names nor a regular expression");
                return ([], null);
        }
    }

    private static ImmutableArray<KeyValuePair<string, T>> Pattern<T>(ConfigReader reader, string key, Func<JsonNode, T?> read)
        where T : struct
    {
        switch (reader.Node(key))
        {
            case null:
                return [];
            case JsonObject entries when entries.All(entry => entry.Value is not null && read(entry.Value) is not null):
                return [.. entries.Select(entry => KeyValuePair.Create(entry.Key, read(entry.Value!)!.Value))];
            case { } other:
                reader.Problem(key, $"is {other.ToJsonString()}, not an object of patterns and numbers");
                return [];
        }
    }
}
