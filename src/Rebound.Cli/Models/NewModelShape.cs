using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;

namespace Rebound.Cli.Models;

/// <summary>The shape of a model that is made from nothing: a configuration to be like, sizes, and the tokenizer's part.</summary>
internal static class NewModelShape
{
    /// <summary>The 15 M parameters of a small Llama that learns on a CPU.</summary>
    private static readonly (string Key, int Value)[] Defaults =
    [
        ("hidden_size", 288), ("num_hidden_layers", 6), ("num_attention_heads", 6), ("intermediate_size", 768),
        ("max_position_embeddings", 2048),
    ];

    private static readonly Option<int?> HiddenSize = Size("--hidden-size", "Width of the residual stream", 288);
    private static readonly Option<int?> Layers = Size("--layers", "Blocks", 6);
    private static readonly Option<int?> Heads = Size("--heads", "Query heads", 6);
    private static readonly Option<int?> KeyValueHeads = Size("--kv-heads", "Key and value heads", null);
    private static readonly Option<int?> FeedForwardSize = Size("--feed-forward-size", "Width of the feed-forward layers", 768);
    private static readonly Option<int?> Context = Size("--context", "Positions, so the longest sequence", 2048);

    private static readonly Option<bool> Untied = new("--untied")
    {
        Description = "A head of its own instead of the embedding's matrix",
    };

    private static readonly (Option<int?> Option, string Key)[] Keys =
    [
        (HiddenSize, "hidden_size"), (Layers, "num_hidden_layers"), (Heads, "num_attention_heads"), (KeyValueHeads, "num_key_value_heads"),
        (FeedForwardSize, "intermediate_size"), (Context, "max_position_embeddings"),
    ];

    public static Option<string?> Like { get; } = new("--like")
    {
        Description = "A config.json, or a folder that has one, whose shape the model takes; sizes given beside it go before it",
        HelpName = "PATH",
    };

    public static IEnumerable<Option> Sizes => [.. Keys.Select(key => key.Option), Untied];

    /// <summary>The <c>config.json</c> of the model.</summary>
    public static JsonObject ConfigOf(CommandContext context, TokenizerSource tokenizer)
    {
        var like = context.Get(Like);
        var config = like is null ? Small() : JsonFile.Read(Directory.Exists(like) ? Path.Combine(like, "config.json") : like);
        foreach (var (option, key) in Keys)
        {
            if (context.Get(option) is { } value)
            {
                config[key] = value >= 1 ? value : throw new InputException($"{option.Name} is {value}, and must be at least 1.");
            }
        }

        if (context.Get(Untied))
        {
            config["tie_word_embeddings"] = false;
        }

        AddVocabulary(config, tokenizer, own: like is not null);
        return config;
    }

    /// <summary>A problem of a configuration, with option names in place of its keys.</summary>
    public static string InOptions(string problem) =>
        Keys.Aggregate(
            problem,
            (text, size) =>
                text.Replace($"'{size.Key}'", size.Option.Name, StringComparison.Ordinal)
                    .Replace(size.Key, size.Option.Name, StringComparison.Ordinal));

    private static Option<int?> Size(string name, string description, int? value) => new(name)
    {
        Description = $"{description} (default {(value is { } number ? $"{number}" : "one for every query head")})",
        HelpName = "N",
    };

    private static JsonObject Small()
    {
        var config = new JsonObject { ["architectures"] = new JsonArray("LlamaForCausalLM"), ["model_type"] = "llama" };
        foreach (var (key, value) in Defaults)
        {
            config[key] = value;
        }

        config["hidden_act"] = "silu";
        config["initializer_range"] = 0.02;
        config["rms_norm_eps"] = 1e-5;
        config["rope_theta"] = 10000.0;
        config["tie_word_embeddings"] = true;
        return config;
    }

    private static void AddVocabulary(JsonObject config, TokenizerSource tokenizer, bool own)
    {
        var tokens = tokenizer.Tokenizer.VocabularySize;
        if (!own || config["vocab_size"] is null)
        {
            config["vocab_size"] = tokens;
        }
        else if (config["vocab_size"] is JsonValue size && size.TryGetValue<int>(out var rows) && rows < tokens)
        {
            throw new InputException(
                $"The configuration has a vocabulary of {rows} tokens, and the tokenizer has {tokens}: take its own tokenizer.");
        }

        foreach (var (id, token) in (ReadOnlySpan<(string, string)>)
            [("bos_token_id", TokenizerSource.BosTokenKey), ("eos_token_id", TokenizerSource.EosTokenKey)])
        {
            if (tokenizer.SpecialToken(token, null) is { Length: > 0 } text && tokenizer.Tokenizer.TryGetId(text, out var number))
            {
                config[id] = number;
            }
        }
    }
}
