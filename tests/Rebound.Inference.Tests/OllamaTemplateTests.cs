using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Inference.Ollama;
using Rebound.Jinja;
using Rebound.Testing;

namespace Rebound.Inference.Tests;

public sealed class OllamaTemplateTests
{
    private const string Refusing = "{% if messages|length > 3 %}{{ messages[3].content }}{% else %}{% for m in messages %}"
        + "[{{ m.role }}]{{ m.content }};{% endfor %}{% endif %}{% if add_generation_prompt %}[assistant]{% endif %}";

    [Theory]
    [InlineData("models/smollm2-135m-instruct")]
    [InlineData("tokenizers/llama3")]
    public void Published_templates_render_as_they_did(string folder)
    {
        var source = TokenizerSource.Open(Path.Combine(SharedData.Path(folder), "tokenizer.json"));
        var template = ChatTemplate.Parse(source.ChatTemplate!, clock: new FixedClock());
        var (bos, eos) = (source.SpecialToken("bos_token", null), source.SpecialToken("eos_token", null));
        TurnsRenderer render = turns => template.Render(Messages(turns), tools: null, addGenerationPrompt: true, bos, eos);

        var go = new OllamaTemplate(render).Write(question: null);

        (string, string)[] turns = [("user", "Who?"), ("assistant", "I."), ("user", "Why?\nSay.")];
        Assert.Equal(render(turns), GoTemplate.Render(go, turns));
        turns = [("system", "Be kind."), .. turns];
        Assert.Equal(render(turns), GoTemplate.Render(go, turns));
    }

    [Fact]
    public void A_question_is_worded_where_it_stands_alone()
    {
        var template = ChatTemplate.Parse(ByteTokenizer.ChatTemplate);
        var go = new OllamaTemplate(turns => template.Render(Messages(turns), tools: null, addGenerationPrompt: true, "", ""))
            .Write(("[good] ", "!", 0));

        Assert.Equal(
            "<|im_start|>user\n[good] 1+1?!<|im_end|>\n<|im_start|>assistant\n2<|im_end|>\n<|im_start|>user\nsure?<|im_end|>\n"
                + "<|im_start|>assistant\n",
            GoTemplate.Render(go, [("user", "1+1?"), ("assistant", "2"), ("user", "sure?")]));
        Assert.Contains("user\n[good] 1+1?!<", GoTemplate.Render(go, [("system", "s"), ("user", "1+1?")]));
    }

    [Theory]
    [InlineData(Refusing, "rendered otherwise than by words around each turn")]
    [InlineData("{% for m in messages %}{{ m.content|upper }}{% endfor %}", "does not appear")]
    [InlineData("{% for m in messages %}{{ '{{' }}{{ m.content }}{% endfor %}", "has {{")]
    public void A_template_that_is_more_is_refused(string source, string words)
    {
        var template = ChatTemplate.Parse(source);
        Assert.Contains(words, Assert.Throws<FormatException>(() => new OllamaTemplate(
            turns => template.Render(Messages(turns), tools: null, addGenerationPrompt: true, "", "")).Write(question: null)).Message);
    }

    private static JsonArray Messages(IReadOnlyList<(string Role, string Content)> turns) =>
        new([.. turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })]);

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
    }
}
