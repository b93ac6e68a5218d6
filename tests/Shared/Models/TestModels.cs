using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Engine;
using Rebound.Models;

namespace Rebound.Testing;

/// <summary>Random models of bytes whose chat template tells of tools, made in milliseconds.</summary>
internal static class TestModels
{
    /// <summary>A ChatML template with tools, by their names alone, and calls as Qwen's models write them.</summary>
    public const string ToolTemplate =
        "{% for message in messages %}<|im_start|>{{ message.role }}\n"
        + "{% if loop.first and tools %}Tools: {% for tool in tools %}{{ tool.function.name }} {% endfor %}\n{% endif %}"
        + "{% if message.content %}{{ message.content }}{% endif %}"
        + "{% for call in message.tool_calls %}<tool_call>{\"name\": \"{{ call.function.name }}\", \"arguments\": "
        + "{{ call.function.arguments | tojson }}}</tool_call>{% endfor %}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% if shout %}LOUD {% endif %}{% endif %}";

    public static readonly LlamaConfig Config = TinyChatModel.Config with { MaxPositions = 4096, EosTokenIds = [257] };

    /// <summary>Writes one as a Hugging Face folder.</summary>
    public static void Write(string folder, ulong seed = 3) => Write(folder, Config, seed);

    /// <summary>Writes one whose longest answer takes minutes.</summary>
    public static void WriteTalkative(string folder) => Write(folder, Config with { MaxPositions = 1 << 17 }, seed: 3);

    private static void Write(string folder, LlamaConfig config, ulong seed)
    {
        using var backend = new CpuBackend(1);
        using var model = LlamaModel.Initialize(backend, config, seed);
        var tokenizer = ByteTokenizer.ConfigJson();
        tokenizer["chat_template"] = ToolTemplate;
        HuggingFaceFolder.Write(folder, config.ToJson(), model.Weights, TokenizerSource.Of(ByteTokenizer.Json(), tokenizer));
    }

    /// <summary>Writes the card of a model that was trained with two conditions.</summary>
    public static void WriteCard(string folder) => File.WriteAllText(Path.Combine(folder, "rebound.json"), new JsonObject
    {
        ["base_model"] = "base",
        ["method"] = "nat",
        ["renderer"] = "chat-template",
        ["stop_token"] = ByteTokenizer.TurnEnd,
        ["trained_on"] = new JsonArray(),
        ["steps"] = 1,
        ["epochs"] = 1,
        ["prompt"] = new JsonObject
        {
            ["name"] = "outcome",
            ["question"] = "Q: {question}",
            ["conditions"] = new JsonObject
            {
                ["right"] = new JsonObject { ["when"] = new JsonObject { ["reward"] = 1 }, ["prefix"] = "[good] " },
                ["wrong"] = new JsonObject { ["when"] = new JsonObject { ["reward"] = 0 }, ["prefix"] = "[bad] " },
            },
        },
    }.ToJsonString());
}
