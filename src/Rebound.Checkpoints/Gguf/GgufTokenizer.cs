using System.Text.Json.Nodes;

namespace Rebound.Checkpoints.Gguf;

/// <summary>
/// Writes the <c>tokenizer.json</c> and <c>tokenizer_config.json</c> that Hugging Face would have for the tokenizer in a GGUF
/// file's metadata, so that there is one way to load a tokenizer.
/// </summary>
internal static class GgufTokenizer
{
    public const string ModelKey = "tokenizer.ggml.model";
    public const string TemplateKey = "tokenizer.chat_template";
    public const string TemplateNamesKey = "tokenizer.chat_templates";

    /// <summary>The model of a file that has no tokenizer.</summary>
    public const string NoModel = "no_vocab";

    /// <summary>Roles that tokenizer_config.json names, and GGUF's names for them.</summary>
    private static readonly (string Name, string Role)[] Roles =
        [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")];

    /// <summary>Whether the file has a tokenizer at all.</summary>
    public static bool Exists(GgufMetadata metadata) => metadata.Has(ModelKey) && metadata.Text(ModelKey) != NoModel;

    /// <exception cref="CheckpointException">The tokenizer is absent, contradicts itself, or is of a kind that is not read.</exception>
    public static JsonObject WriteTokenizer(GgufMetadata metadata)
    {
        var vocabulary = new GgufVocabulary(metadata);
        var model = metadata.RequiredText(ModelKey);
        return model switch
        {
            "gpt2" => ByteLevelTokenizer.Write(metadata, vocabulary),
            "llama" => SentencePieceTokenizer.Write(metadata, vocabulary),
            _ => throw metadata.Bad(ModelKey, $"is '{model}'; read are gpt2 and llama."),
        };
    }

    public static JsonObject WriteConfig(GgufMetadata metadata)
    {
        var vocabulary = new GgufVocabulary(metadata);
        var config = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["clean_up_tokenization_spaces"] = false,
        };
        foreach (var (name, role) in Roles)
        {
            if (GgufSpecialTokens.Find(metadata, role) is { } id)
            {
                config[name] = vocabulary.Tokens[id];
            }
        }

        if (metadata.Count($"{GgufConfig.Architecture(metadata)}.context_length") is { } length)
        {
            config["model_max_length"] = length;
        }

        if (ChatTemplate(metadata) is { } template)
        {
            config["chat_template"] = template;
        }

        return config;
    }

    /// <summary>Composes a tokenizer.json from its variable parts.</summary>
    public static JsonObject Compose(
        GgufMetadata metadata,
        GgufVocabulary vocabulary,
        JsonObject model,
        (JsonObject? Normalizer, JsonObject? PreTokenizer, JsonObject Decoder) parts,
        bool addsBosByDefault) => new()
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = AddedTokens(vocabulary),
            ["normalizer"] = parts.Normalizer,
            ["pre_tokenizer"] = parts.PreTokenizer,
            ["post_processor"] = PostProcessor(metadata, vocabulary, addsBosByDefault),
            ["decoder"] = parts.Decoder,
            ["model"] = model,
        };

    public static JsonObject Sequence(string key, params JsonNode[] parts) =>
        new() { ["type"] = "Sequence", [key] = new JsonArray(parts) };

    public static JsonObject Vocabulary(GgufVocabulary vocabulary) =>
        new(vocabulary.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)JsonValue.Create(id))));

    private static JsonNode? ChatTemplate(GgufMetadata metadata)
    {
        var template = metadata.Text(TemplateKey);
        if (metadata.Texts(TemplateNamesKey) is not { Length: > 0 } names)
        {
            return template;
        }

        var templates = new JsonArray();
        if (template is not null)
        {
            templates.Add(new JsonObject { ["name"] = "default", ["template"] = template });
        }

        foreach (var name in names)
        {
            templates.Add(new JsonObject { ["name"] = name, ["template"] = metadata.RequiredText($"{TemplateKey}.{name}") });
        }

        return templates;
    }

    private static JsonArray AddedTokens(GgufVocabulary vocabulary)
    {
        var added = new JsonArray();
        for (var id = 0; id < vocabulary.Tokens.Count; id++)
        {
            var kind = vocabulary.Kinds[id];
            if (kind is GgufTokenKind.Control or GgufTokenKind.UserDefined or GgufTokenKind.Unknown)
            {
                added.Add(new JsonObject
                {
                    ["id"] = id,
                    ["content"] = vocabulary.Tokens[id],
                    ["single_word"] = false,
                    ["lstrip"] = false,
                    ["rstrip"] = false,
                    ["normalized"] = false,
                    ["special"] = kind != GgufTokenKind.UserDefined,
                });
            }
        }

        return added;
    }

    private static JsonObject? PostProcessor(GgufMetadata metadata, GgufVocabulary vocabulary, bool addsBosByDefault)
    {
        var bos = Added(metadata, "bos", addsBosByDefault);
        var eos = Added(metadata, "eos", false);
        if (bos is null && eos is null)
        {
            return null;
        }

        var special = new JsonObject();
        foreach (var token in new[] { bos, eos }.OfType<int>().Distinct())
        {
            var text = vocabulary.Tokens[token];
            special[text] = new JsonObject
            {
                ["id"] = text,
                ["ids"] = new JsonArray(token),
                ["tokens"] = new JsonArray(text),
            };
        }

        return new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. Template("A", 0)]),
            ["pair"] = new JsonArray([.. Template("A", 0), .. Template("B", 1)]),
            ["special_tokens"] = special,
        };

        IEnumerable<JsonNode> Template(string sequence, int type)
        {
            if (bos is { } first)
            {
                yield return Part("SpecialToken", vocabulary.Tokens[first], type);
            }

            yield return Part("Sequence", sequence, type);
            if (eos is { } last)
            {
                yield return Part("SpecialToken", vocabulary.Tokens[last], type);
            }
        }

        static JsonObject Part(string kind, string id, int type) =>
            new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
    }

    /// <summary>The id of a token that is put around every text, or null when it is not.</summary>
    private static int? Added(GgufMetadata metadata, string role, bool byDefault)
    {
        var key = GgufSpecialTokens.Key(role);
        return !(metadata.Flag($"tokenizer.ggml.add_{role}_token") ?? byDefault) ? null
            : metadata.Has(key) ? GgufSpecialTokens.Find(metadata, role)
            : throw metadata.Bad(key, $"is absent, but {role} is to be added to texts.");
    }
}
