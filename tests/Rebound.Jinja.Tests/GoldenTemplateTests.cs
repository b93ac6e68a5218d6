using System.Text.Json.Nodes;
using Rebound.Testing;

namespace Rebound.Jinja.Tests;

public sealed class GoldenTemplateTests
{
    [Fact]
    public void Templates_of_models_render_as_transformers_does()
    {
        var differences = TemplateRows.Differences(SharedData.Path("golden/chat_templates.jsonl"), out var count);
        Assert.True(count > 0);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Theory]
    [InlineData("tokenizers/llama3/tokenizer_config.json", "<|start_header_id|>user<|end_header_id|>")]
    [InlineData("tokenizers/qwen3/tokenizer_config.json", "<|im_start|>user\nHello<|im_end|>")]
    [InlineData("models/smollm2-135m-instruct/tokenizer_config.json", "<|im_start|>user\nHello<|im_end|>")]
    public void Templates_beside_tokenizers_render(string path, string expected)
    {
        var config = JsonNode.Parse(File.ReadAllText(SharedData.Path(path)))!;
        var template = ChatTemplate.Parse(config["chat_template"]!.GetValue<string>());
        var messages = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" });
        var rendered = template.Render(messages, tools: null, addGenerationPrompt: true, "<bos>", "<eos>");
        Assert.Contains(expected, rendered, StringComparison.Ordinal);
    }
}
