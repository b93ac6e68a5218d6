using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

public sealed class ChatTemplateRendererTests
{
    private static readonly Turn[] Dialogue =
    [
        new("user", "What is 2 + 2?", false), new("assistant", "I've understood, start please.", false),
        new("user", "Question: {x}?", false), new("assistant", "Thought: add.\n\nAction: calculate[2 + 2]", true),
        new("user", "Observation: 4", false), new("assistant", "Action: finish[4]\n", true),
        new("user", "Observation: Episode finished", false),
    ];

    /// <summary>Contents at which tokenizers merge across borders, templates trim, and markers look like the template's own.</summary>
    private static readonly string[] Awkward =
        ["\nstarts with a newline", "  spaces around  ", "ends with newlines\n\n", "née – 日本 🙂", "says <|im_end|> and </s> itself", "x",
            "<think>\nfirst\n</think>\n\nthen"];

    [Theory]
    [MemberData(nameof(RenderingCase.All), MemberType = typeof(RenderingCase))]
    public void The_tokens_before_an_answer_are_those_that_inference_feeds(string name)
    {
        var @case = RenderingCase.Find(name);
        foreach (var turns in Conversations())
        {
            if (@case.Reasoning == false && turns.Any(turn => turn.Loss && turn.Content.Contains("<think>")))
            {
                // An empty thought is what inference begins the answer with.
                Assert.Throws<RenderingException>(() => @case.Renderer.Render(new Conversation("id", "none", turns)));
                continue;
            }

            var spans = @case.Renderer.Render(new Conversation("id", "none", turns)).SelectMany(Spans).ToArray();
            var answers = turns.Index().Where(turn => turn.Item.Loss).Select(turn => turn.Index).ToArray();
            Assert.Equal(answers.Length, spans.Length);
            foreach (var ((before, answer), turn) in spans.Zip(answers))
            {
                Assert.Equal(@case.Tokenizer.Encode(Render(@case, turns[..turn], generate: true)), before);
                var text = @case.Tokenizer.Decode(answer);
                Assert.Contains(WithoutSpaces(turns[turn].Content.Split("</think>")[^1]), WithoutSpaces(text));
                Assert.Equal(Stop(@case), text[^Stop(@case).Length..]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RenderingCase.All), MemberType = typeof(RenderingCase))]
    public void The_last_document_is_the_conversation_as_the_template_writes_it(string name)
    {
        var @case = RenderingCase.Find(name);
        var turns = Dialogue[..^1];
        var whole = @case.Tokenizer.Encode(Render(@case, turns, generate: false));
        Assert.Equal(whole, @case.Renderer.Render(new Conversation("id", "none", turns))[^1].Tokens);
    }

    [Theory]
    [InlineData("bytes", 1)]
    [InlineData("always open", 1)]
    [InlineData("smollm2", 1)]
    [InlineData("llama3", 1)]
    [InlineData("qwen3", 2)]
    public void A_conversation_is_split_only_where_a_template_shows_earlier_turns_differently(string name, int documents) =>
        Assert.Equal(documents, RenderingCase.Find(name).Renderer.Render(new Conversation("id", "none", Dialogue)).Count);

    [Fact]
    public void Header_other_turns_and_what_follows_the_stop_token_are_not_in_the_loss()
    {
        var @case = RenderingCase.Find("bytes");
        var document = Assert.Single(@case.Renderer.Render(new Conversation("id", "none", Dialogue)));
        Assert.Equal(
            ["Thought: add.\n\nAction: calculate[2 + 2]<|im_end|>", "Action: finish[4]\n<|im_end|>"],
            LossPreview.Of(document, @case.Tokenizer).Where(span => span.InLoss).Select(span => span.Text));
        Assert.Equal(
            Render(@case, Dialogue, generate: false),
            string.Concat(LossPreview.Of(document, @case.Tokenizer).Select(span => span.Text)));
    }

    [Fact]
    public async Task Tokens_and_labels_are_those_of_the_oracle()
    {
        var @case = RenderingCase.Find("smollm2");
        var rows = JsonNode.Parse(File.ReadAllText(SharedData.Path("golden/smollm2/train5.json")))!["rows"]!.AsArray();
        var read = 0;
        await foreach (var trajectory in TrajectoryFile.ReadAsync(
            SharedData.Path("data/strategyqa/positive.json"), cancellation: TestContext.Current.CancellationToken))
        {
            var row = rows[read++]!;
            var document = Assert.Single(@case.Renderer.Render(Conversation.Of(trajectory)));
            Assert.Equal(Numbers(row["input_ids"]), document.Tokens);
            Assert.Equal(Numbers(row["labels"]), document.Labels);
            if (read == rows.Count)
            {
                break;
            }
        }
    }

    [Theory]
    [InlineData(
        "{% for m in messages %}<|im_start|>{{ m.role }}:{{ m.content }}<|im_end|>{% endfor %}{% if add_generation_prompt "
            + "%}<|im_start|>bot:{% endif %}", "generation prompt is not how it begins")]
    [InlineData(
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}",
        "has no special token")]
    [InlineData("{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}<|im_end|>{% endif %}{% endfor %}",
        "does not render an assistant turn's content")]
    [InlineData("{{ raise_exception('no such conversations here') }}", "no such conversations here")]
    public void A_template_that_training_cannot_follow_says_which_property_fails(string template, string words)
    {
        var renderer = RenderingCase.OnBytes("broken", template).Renderer;
        var error = Assert.Throws<RenderingException>(() => renderer.Render(new Conversation("the-id", "none", Dialogue)));
        Assert.Contains(words, error.Message);
        Assert.Contains("the-id", error.Message);
    }

    [Fact]
    public void Only_the_assistant_can_be_learned()
    {
        Turn[] turns = [new("user", "q", true), new("assistant", "a", true)];
        var error = Assert.Throws<RenderingException>(() =>
            RenderingCase.Find("bytes").Renderer.Render(new Conversation("7", "none", turns)));
        Assert.Contains("turn 0", error.Message);
    }

    [Fact]
    public void A_conversation_without_anything_to_learn_is_one_document_without_labels()
    {
        var renderer = RenderingCase.Find("bytes").Renderer;
        Assert.Equal(0, Assert.Single(renderer.Render(new Conversation("id", "none", Dialogue[..3]))).SupervisedTokens);
        Assert.Empty(Assert.Single(renderer.Render(new Conversation("id", "none", []))).Tokens);
    }

    private static IEnumerable<Turn[]> Conversations()
    {
        yield return Dialogue;
        foreach (var content in Awkward)
        {
            yield return [.. Dialogue.Select(turn => turn with { Content = turn.Loss ? content : turn.Content })];
            yield return [.. Dialogue.Select(turn => turn with { Content = turn.Loss ? turn.Content : content })];
        }
    }

    /// <summary>Every stretch in the loss with all tokens before it.</summary>
    private static IEnumerable<(int[] Before, int[] Answer)> Spans(TokenizedDocument document)
    {
        var start = -1;
        for (var t = 0; t <= document.Tokens.Length; t++)
        {
            var inLoss = t < document.Tokens.Length && document.Labels[t] != TokenizedDocument.IgnoreLabel;
            if (inLoss && start < 0)
            {
                start = t;
            }
            else if (!inLoss && start >= 0)
            {
                Assert.Equal(document.Tokens[start..t], document.Labels[start..t]);
                yield return (document.Tokens[..start], document.Tokens[start..t]);
                start = -1;
            }
        }
    }

    private static string Render(RenderingCase @case, Turn[] turns, bool generate)
    {
        var template = ChatTemplate.Parse(@case.Template);
        return template.Render(
            [.. turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })],
            null, generate, @case.BosToken, @case.EosToken, ReasoningSwitch.For(template, @case.Reasoning));
    }

    /// <summary>SentencePiece decoders put spaces beside special tokens.</summary>
    private static string WithoutSpaces(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static string Stop(RenderingCase @case) => @case.Name switch
    {
        "llama3" => "<|eot_id|>",
        "brackets on llama2" => "</s>",
        _ => "<|im_end|>",
    };

    private static int[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(number => number!.GetValue<int>())];
}
