using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

/// <summary>A tokenizer with a chat template: real ones of the developers' data, and small ones of our own.</summary>
internal sealed record RenderingCase(
    string Name, Tokenizer Tokenizer, string Template, string BosToken, string EosToken, bool? Reasoning = null)
{
    /// <summary>Brackets around the user's turns, spaces and an end token around the assistant's: no header tokens at all.</summary>
    private const string Brackets =
        "{% for message in messages %}{% if message.role == 'user' %}{{ (bos_token if loop.first else '') + '[INST] ' + message.content + "
            + "' [/INST]' }}"
        + "{% else %}{{ ' ' + message.content + ' ' + eos_token }}{% endif %}{% endfor %}";

    /// <summary>Ends with the header of an assistant turn whether it was asked for or not.</summary>
    private const string AlwaysOpen =
        "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n\n' + message.content | trim + '<|im_end|>' }}{% endfor %}"
        + "{{ '<|im_start|>assistant\n\n' }}";

    private static readonly ConcurrentDictionary<string, Lazy<Tokenizer>> Tokenizers = new();

    public static readonly string[] Own = ["bytes", "always open", "brackets on bytes"];

    public static readonly string[] Real = ["smollm2", "qwen3", "qwen3 with reasoning", "qwen3 without reasoning",
        "llama3", "brackets on llama2"];

    public static TheoryData<string> All => [.. Own, .. Real];

    public ChatTemplateRenderer Renderer => new(ChatTemplate.Parse(Template), Tokenizer, BosToken, EosToken, Reasoning);

    public static RenderingCase Find(string name) => name switch
    {
        "bytes" => OnBytes(name, ByteTokenizer.ChatTemplate),
        "always open" => OnBytes(name, AlwaysOpen),
        "brackets on bytes" => OnBytes(name, Brackets),
        "brackets on llama2" => new RenderingCase(name, Load("tokenizers/llama2"), Brackets, "<s>", "</s>"),
        "qwen3 with reasoning" => Find("qwen3") with { Name = name, Reasoning = true },
        "qwen3 without reasoning" => Find("qwen3") with { Name = name, Reasoning = false },
        "smollm2" => WithConfig(name, "models/smollm2-135m-instruct"),
        _ => WithConfig(name, $"tokenizers/{name}"),
    };

    public static RenderingCase OnBytes(string name, string template) =>
        new(name, Tokenizer.Parse(ByteTokenizer.Json()), template, ByteTokenizer.TurnStart, ByteTokenizer.TurnEnd);

    /// <summary>The llama-2 renderer on bytes, whose two special tokens are renamed to its own.</summary>
    public static (ConversationRenderer Renderer, Tokenizer Tokenizer) Llama2OnBytes()
    {
        var json = ByteTokenizer.Json();
        json["added_tokens"]![0]!["content"] = "<s>";
        json["added_tokens"]![1]!["content"] = "</s>";
        var tokenizer = Tokenizer.Parse(json);
        return (new Llama2Renderer(tokenizer), tokenizer);
    }

    private static RenderingCase WithConfig(string name, string folder)
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedData.Path($"{folder}/tokenizer_config.json")))!;
        return new RenderingCase(
            name, Load(folder), config["chat_template"]!.GetValue<string>(), config["bos_token"]?.GetValue<string>() ?? "",
            config["eos_token"]!.GetValue<string>());
    }

    private static Tokenizer Load(string folder) =>
        Tokenizers.GetOrAdd(SharedData.Path($"{folder}/tokenizer.json"), path => new Lazy<Tokenizer>(() => Tokenizer.Load(path))).Value;
}
