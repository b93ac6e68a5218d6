using System.Text.Json;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

/// <summary>Calls of tools reach the model through templates that know them, and are never lost by those that do not.</summary>
public sealed class ToolCallRenderingTests
{
    private static readonly Conversation Weather = new(
        "w",
        Conversation.Unconditioned,
        [
            new Turn(Roles.User, "How warm is it?", Loss: false),
            new Turn(Roles.Assistant, "Let me see.", Loss: true) { ToolCalls = [new ToolCall("c1", "weather", """{"city": "Ulm"}""")] },
            new Turn(Roles.Tool, "21 degrees", Loss: false),
            new Turn(Roles.Assistant, "21 degrees.", Loss: true),
        ])
    {
        Tools = JsonElement.Parse("""[{"type": "function", "function": {"name": "weather", "description": "Tells the weather"}}]"""),
    };

    [Fact]
    public void A_template_that_knows_calls_has_them_in_the_loss_and_the_tools_before_them()
    {
        var rendering = RenderingCase.Find("qwen3");
        var documents = rendering.Renderer.Render(Weather);
        var spans = documents.SelectMany(document => LossPreview.Of(document, rendering.Tokenizer)).ToArray();
        Assert.Contains("Tells the weather", spans[0].Text);
        var learned = spans.First(span => span.InLoss).Text;
        Assert.Contains("Let me see.", learned);
        Assert.Contains("""<tool_call>""", learned);
        Assert.Contains("""{"name": "weather", "arguments": {"city": "Ulm"}}""", learned);
        var asked = rendering.Renderer.Ask([.. Weather.Turns.Take(3)], Weather.Tools);
        Assert.Equal(asked, documents[^1].Tokens[..asked.Length]);
        Assert.Contains("Tells the weather", rendering.Tokenizer.Decode(asked));
    }

    [Theory]
    [InlineData("bytes", "does not render calls of tools, so the call of 'weather' could not be learned")]
    [InlineData("llama-2 on bytes", "has no form for tool_calls")]
    public void A_renderer_that_does_not_know_calls_refuses_them(string name, string words)
    {
        var renderer = InferenceTokensTests.RendererOf(name).Renderer;
        Assert.Contains(words, Assert.Throws<RenderingException>(() => renderer.Render(Weather)).Message);
    }

    [Fact]
    public void Broken_arguments_reach_the_template_as_the_text_that_they_are()
    {
        var call = new Turn(Roles.Assistant, "", Loss: true) { ToolCalls = [new ToolCall(null, "weather", """{"city": """)] };
        var rendering = RenderingCase.Find("qwen3");
        var learned = LossPreview.Of(rendering.Renderer.Render(Weather with { Turns = [Weather.Turns[0], call] })[0], rendering.Tokenizer)
            .First(span => span.InLoss).Text;
        Assert.Contains("""{"name": "weather", "arguments": {"city": }""", learned);
    }
}
