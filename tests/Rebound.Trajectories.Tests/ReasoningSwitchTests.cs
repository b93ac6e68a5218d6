using System.Text.Json;
using Rebound.Jinja;
using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

/// <summary>Templates are told whether the model is to reason, by the variable that they know; one that knows none refuses.</summary>
public sealed class ReasoningSwitchTests
{
    private static readonly Turn[] Question = [new(Roles.User, "Why?", Loss: false)];

    [Theory]
    [InlineData(null, "<|im_start|>assistant\n")]
    [InlineData(true, "<|im_start|>assistant\n")]
    [InlineData(false, "<|im_start|>assistant\n<think>\n\n</think>\n\n")]
    public void Qwen3_closes_the_reasoning_in_the_prompt_where_it_is_off(bool? reasoning, string end)
    {
        var (renderer, tokenizer) = Of("qwen3", reasoning);
        Assert.EndsWith(end, tokenizer.Decode(renderer.Ask(Question)));
    }

    [Theory]
    [InlineData("{{ 'deep' if thinking }}", "deep")]
    [InlineData("{% if enable_thinking is not defined %}{% set enable_thinking = false %}{% endif %}{{ enable_thinking }}", "True")]
    [InlineData("{% set thinking = thinking | default(false) %}{{ thinking }}", "True")]
    public void Any_name_that_a_template_reads_is_set(string template, string rendered)
    {
        var parsed = ChatTemplate.Parse(template);
        Assert.Equal(rendered, parsed.Render([], null, true, "", "", ReasoningSwitch.For(parsed, true)));
    }

    [Theory]
    [InlineData(
        "bytes", true,
        "Reasoning cannot be turned on: the model's chat template reads neither enable_thinking nor thinking. auto leaves it "
            + "to the model.")]
    [InlineData(
        "smollm2", false,
        "Reasoning cannot be turned off: the model's chat template reads neither enable_thinking nor thinking. auto leaves it "
            + "to the model.")]
    public void A_template_that_cannot_be_told_says_so(string name, bool reasoning, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<ArgumentException>(() => Of(name, reasoning)).Message);

    [Fact]
    public void A_renderer_without_a_template_says_so()
    {
        var tokenizer = RenderingCase.Find("bytes").Tokenizer;
        var refused = Assert.Throws<ArgumentException>(() =>
            Renderers.Create(Llama2Renderer.RendererName, tokenizer, null, "", "", reasoning: true));
        Assert.Equal("Reasoning cannot be turned on: the renderer llama-2 knows none. auto leaves it to the model.", refused.Message);
    }

    [Fact]
    public void Reasoning_is_not_learned_where_it_is_off()
    {
        var answer = new Turn(Roles.Assistant, "So.", Loss: true)
        {
            Members = new Dictionary<string, JsonElement> { [Turn.ReasoningMember] = JsonElement.Parse("\"Hm.\"") },
        };
        var refused = Assert.Throws<RenderingException>(() =>
            Of("qwen3", false).Renderer.Render(new Conversation("1", "none", [.. Question, answer])));
        Assert.Contains("a turn in the loss has reasoning, and reasoning is off", refused.Message);
    }

    private static (ConversationRenderer Renderer, Tokenizer Tokenizer) Of(string name, bool? reasoning)
    {
        var @case = RenderingCase.Find(name) with { Reasoning = reasoning };
        return (@case.Renderer, @case.Tokenizer);
    }
}
