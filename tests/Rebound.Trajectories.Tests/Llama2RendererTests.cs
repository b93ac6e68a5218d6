using System.Text.Json.Nodes;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

public sealed class Llama2RendererTests
{
    private const int EndId = ByteTokenizer.VocabularySize - 1;

    private static readonly Turn[] Episode =
    [
        new("user", "rules", false), new("assistant", "yes", false), new("user", "q", false),
        new("assistant", "a", true), new("user", "o", false), new("assistant", "b", true), new("user", "end", false),
    ];

    [Fact]
    public async Task Spans_tokens_and_labels_are_those_of_the_reference()
    {
        var rows = File.ReadLines(SharedData.Path("golden/nat/train_rows.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        var renderer = new Llama2Renderer(RenderingCase.Find("brackets on llama2").Tokenizer);
        using var file = new TemporaryFile(string.Join('\n', rows.Select(row => row["trajectory"]!.ToJsonString())));
        await foreach (var trajectory in TrajectoryFile.ReadAsync(file.Path, cancellation: TestContext.Current.CancellationToken))
        {
            var row = rows[trajectory.Row - 1];
            var prompts = SharedData.Path($"data/prompts/{row["task"]}_conversation.json");
            var template = PromptFile.Load(prompts, row["template"]!.GetValue<string>());
            var conversation = template.Compose(trajectory, row["question"]!.GetValue<string>(), file.Path);

            var segments = row["segments"]!.AsArray().Select(span => new LossSpan(span![0]!.GetValue<string>(), span[1]!.GetValue<bool>()));
            Assert.Equal(segments, Llama2Renderer.Spans(conversation.Turns));
            Assert.Equal(
                row["prompt"]!.GetValue<string>().Trim(),
                string.Concat(Llama2Renderer.Spans(conversation.Turns).Select(span => span.Text)));

            var whole = Assert.Single(renderer.Render(conversation));
            var document = new LengthLimit(row["max_length"]!.GetValue<int>(), ExcessLength.Truncate).Apply(whole)!;
            Assert.Equal(Numbers(row["input_ids"]), document.Tokens);
            Assert.Equal(Numbers(row["labels"]), document.Labels);
        }
    }

    [Fact]
    public void Only_answers_are_learned_each_with_its_end_and_the_last_span_leads_nowhere() => Assert.Equal(
        [
            new LossSpan("[INST] rules [/INST] yes </s><s>[INST] q [/INST]", false), new LossSpan(" a </s>", true),
            new LossSpan("<s>[INST] o [/INST]", false), new LossSpan(" b </s>", true), new LossSpan("<s>[INST] end", false),
        ],
        Llama2Renderer.Spans(Episode));

    [Fact]
    public void Whatever_the_order_of_the_turns_every_answer_has_its_tag_and_its_end()
    {
        Turn[] turns =
        [
            new("system", "be brief", false), new("assistant", "hello", true), new("assistant", "again", true),
            new("tool", "4", false), new("user", "q", false), new("assistant", "", true),
        ];
        Assert.Equal(
            [
                new LossSpan("[INST] <<SYS>>\nbe brief\n<</SYS>>\n\n[/INST]", false), new LossSpan(" hello </s>", true),
                new LossSpan("<s>[/INST]", false), new LossSpan(" again </s>", true),
                new LossSpan("<s>[INST] 4 [INST] q [/INST]", false), new LossSpan("  </s>", true),
            ],
            Llama2Renderer.Spans(turns));
        Assert.Equal(
            "[INST] <<SYS>>\ns\n<</SYS>>\n\nq",
            Assert.Single(Llama2Renderer.Spans([new("system", "s", false), new("user", "q", false)])).Text);
    }

    [Fact]
    public void A_document_ends_with_the_end_token_in_the_loss_once()
    {
        var renderer = RenderingCase.Llama2OnBytes().Renderer;
        var observed = Assert.Single(renderer.Render(new Conversation("1", "none", Episode)));
        Assert.Equal([(byte)'d', EndId], observed.Tokens[^2..]);
        Assert.Equal([TokenizedDocument.IgnoreLabel, EndId], observed.Labels[^2..]);
        var answered = Assert.Single(renderer.Render(new Conversation("1", "none", Episode[..^1])));
        Assert.Equal([(byte)' ', EndId], answered.Tokens[^2..]);
        Assert.Equal([(byte)' ', EndId], answered.Labels[^2..]);
        Assert.Empty(Assert.Single(renderer.Render(new Conversation("1", "none", []))).Tokens);
    }

    [Fact]
    public void A_later_system_turn_and_a_learned_user_turn_are_errors_by_id()
    {
        var renderer = RenderingCase.Llama2OnBytes().Renderer;
        var system = Assert.Throws<RenderingException>(() =>
            renderer.Render(new Conversation("x7", "none", [new("user", "q", false), new("system", "s", false)])));
        Assert.Contains("x7", system.Message);
        Assert.Contains("turn 1 is the system's", system.Message);
        Assert.Contains(
            "turn 0 is in the loss",
            Assert.Throws<RenderingException>(() => renderer.Render(new Conversation("x7", "none", [new("user", "q", true)]))).Message);
    }

    [Fact]
    public void A_tokenizer_without_its_special_tokens_is_refused_by_name() =>
        Assert.Contains(
            "<s> is no special token",
            Assert.Throws<ArgumentException>(() => new Llama2Renderer(Tokenizer.Parse(ByteTokenizer.Json()))).Message);

    private static int[] Numbers(JsonNode? list) => [.. list!.AsArray().Select(number => number!.GetValue<int>())];
}
