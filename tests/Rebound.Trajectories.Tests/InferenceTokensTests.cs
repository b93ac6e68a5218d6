using FsCheck;
using FsCheck.Fluent;
using Rebound.Testing;
using Rebound.Text;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

/// <summary>Training and inference see the same tokens before every answer, for every renderer, template and tokenizer.</summary>
public sealed class InferenceTokensTests
{
    private const int GeneratedConversations = 200;
    private const ulong Seed = 20;

    /// <summary>Where tokenizers merge and split, templates trim, and contents look like what renderers write.</summary>
    private static readonly string[] Fragments =
        ["a", " ", "  ", "\n", "\n\n", "é", "日", "🙂", "\u200d", "</s>", "<s>", "[/INST]", "<|im_end|>", "Thought:",
            "Action: finish[", "]", "0", "_", "▁"];

    public static TheoryData<string> Renderers => [.. RenderingCase.Own, "llama-2 on bytes", .. RenderingCase.Real, "llama-2"];

    [Theory]
    [MemberData(nameof(Renderers))]
    public void Of_any_conversation(string name)
    {
        var (renderer, _) = RendererOf(name);
        Prop.ForAll(Arb.From(Conversations), turns => Holds(renderer, turns))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(GeneratedConversations).WithReplay(Seed, Seed | 1));
    }

    [Theory]
    [MemberData(nameof(Renderers))]
    public async Task Of_real_trajectories(string name)
    {
        var (renderer, _) = RendererOf(name);
        var template = PromptFile.Load(SharedData.Path("data/prompts/StrategyQA_conversation.json"), "zero-shot-target-aware");
        var path = SharedData.Path("data/strategyqa/negative.json");
        await foreach (var trajectory in TrajectoryFile.ReadAsync(path, cancellation: TestContext.Current.CancellationToken))
        {
            if (trajectory.Row > 40)
            {
                break;
            }

            Assert.True(Holds(renderer, [.. template.Compose(trajectory, "Is it so?", path).Turns]), $"row {trajectory.Row}");
        }
    }

    [Theory]
    [MemberData(nameof(Renderers))]
    public void A_last_turn_that_is_gone_on_with_is_the_prompt_and_its_text(string name)
    {
        var (renderer, tokenizer) = RendererOf(name);
        Turn[] turns = [new Turn(Roles.User, "Is it so?", Loss: false), new Turn(Roles.Assistant, "I think. I", Loss: true)];

        var text = tokenizer.Decode(renderer.Continue(turns));

        Assert.StartsWith(tokenizer.Decode(renderer.Ask(turns[..1])), text, StringComparison.Ordinal);
        Assert.EndsWith("I think. I", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Renderers))]
    public void A_closed_conversation_ends_as_its_last_turn_does(string name)
    {
        var (renderer, tokenizer) = RendererOf(name);
        Turn[] turns = [new Turn(Roles.User, "Is it so?", Loss: false), new Turn(Roles.Assistant, "I think. I", Loss: true)];
        var (question, asked) = (tokenizer.Decode(renderer.Close(turns[..1])), tokenizer.Decode(renderer.Ask(turns[..1])));
        var whole = tokenizer.Decode(renderer.Close(turns));

        // Some templates open a turn whether they are to or not.
        Assert.StartsWith(question, asked, StringComparison.Ordinal);
        Assert.StartsWith(asked, whole, StringComparison.Ordinal);
        Assert.Contains(renderer.StopToken, whole[asked.Length..], StringComparison.Ordinal);
    }

    /// <summary>What rendering rests on where it does not encode a conversation's beginning again.</summary>
    [Theory]
    [MemberData(nameof(Renderers))]
    public void The_rest_of_a_text_behind_a_stop_token_is_encoded_as_in_the_whole(string name)
    {
        var (renderer, tokenizer) = RendererOf(name);
        var texts = Gen.ArrayOf(Gen.Elements(Fragments)).Select(string.Concat);
        Prop.ForAll(Arb.From(texts), Arb.From(texts), (before, after) =>
        {
            var beginning = before + renderer.StopToken;
            var whole = tokenizer.Encode(beginning + after);
            return whole.AsSpan()
                .SequenceEqual([.. tokenizer.Encode(beginning), .. tokenizer.EncodeRest(beginning + after, beginning.Length)]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(GeneratedConversations).WithReplay(Seed, Seed | 1));
    }

    /// <summary>A question, then what the assistant and the world say in turn; the prompt's own answers are not in the loss.</summary>
    private static Gen<Turn[]> Conversations =>
        from questionCount in Gen.Choose(1, 4)
        from contents in Gen.ArrayOf(Gen.ArrayOf(Gen.Elements(Fragments)).Select(string.Concat), questionCount * 2)
        from ends in Gen.Elements(true, false)
        from prompt in Gen.Choose(0, questionCount)
        select contents.Index()
            .Select(content =>
                new Turn(
                    content.Index % 2 == 0 ? Roles.User : Roles.Assistant, content.Item,
                    content.Index % 2 == 1 && content.Index / 2 >= prompt))
            .Take(contents.Length - (ends ? 0 : 1))
            .ToArray();

    private static bool Holds(ConversationRenderer renderer, Turn[] turns)
    {
        var trained = renderer.Render(new Conversation("id", "none", turns)).SelectMany(TokensBeforeAnswers).ToArray();
        var asked = turns.Index().Where(turn => turn.Item.Loss).Select(turn => renderer.Ask(turns[..turn.Index])).ToArray();
        return trained.Length >= asked.Length && asked.Zip(trained).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
    }

    /// <summary>What precedes each stretch in the loss. The last one of the llama-2 renderer is the end of the text, no answer.</summary>
    private static IEnumerable<int[]> TokensBeforeAnswers(TokenizedDocument document) =>
        Enumerable.Range(1, Math.Max(0, document.Tokens.Length - 1))
            .Where(t => document.Labels[t] != TokenizedDocument.IgnoreLabel && document.Labels[t - 1] == TokenizedDocument.IgnoreLabel)
            .Select(t => document.Tokens[..t]);

    internal static (ConversationRenderer Renderer, Tokenizer Tokenizer) RendererOf(string name)
    {
        if (name == "llama-2 on bytes")
        {
            return RenderingCase.Llama2OnBytes();
        }

        var @case = RenderingCase.Find(name == "llama-2" ? "brackets on llama2" : name);
        return name switch
        {
            "llama-2" => (new Llama2Renderer(@case.Tokenizer), @case.Tokenizer),
            _ => (@case.Renderer, @case.Tokenizer),
        };
    }
}
