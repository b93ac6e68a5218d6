using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Trajectories.Tests;

/// <summary>Answers are trained on with the very tokens that they were generated with.</summary>
public sealed class GeneratedAnswersTests
{
    private const int Conversations = 60;

    /// <summary>Templates that trim what they render, so that some ids say more than that.</summary>
    private static readonly string[] Trimming = ["always open", "llama3", "qwen3", "qwen3 with reasoning", "qwen3 without reasoning"];

    private const string Probe = "probe";

    public static TheoryData<string> Renderers => [.. RenderingCase.Own, .. RenderingCase.Real];

    /// <summary>Ids are drawn at random, which tokenizing their text seldom gives again.</summary>
    [Theory]
    [MemberData(nameof(Renderers))]
    public void Documents_go_on_from_what_was_asked_with_the_tokens_that_were_generated(string name)
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf(name);
        var random = new Random(5);
        var (taken, all) = (0, 0);
        for (var conversation = 0; conversation < Conversations; conversation++)
        {
            var turns = new List<Turn>();
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                turns.Add(new Turn(Roles.User, "Why?", Loss: false));
                turns.Add(Generate(renderer, tokenizer, turns, random));
            }

            var documents = renderer.Render(new Conversation("id", "none", turns));
            var plain = renderer.Render(new Conversation("id", "none", [.. turns.Select(turn => turn with { Generated = null })]));
            var (generated, again) = (0, 0);
            foreach (var (index, turn) in turns.Index().Where(turn => turn.Item.Loss))
            {
                int[] asked = renderer.Ask(turns[..index]);
                if (documents.Any(document => Holds(document, asked, turn.Generated!, mayBeCut: Trimming.Contains(name))))
                {
                    generated++;
                }
                else
                {
                    again++;
                    Assert.Contains(documents, document => plain.Any(other => HaveSameAnswer(document, other, asked.Length)));
                }
            }

            var sources = documents.Aggregate(default(AnswerSources), (sum, document) => sum + document.Sources);
            Assert.Equal(new AnswerSources(generated, 0, again, 0), sources);
            (taken, all) = (taken + generated, all + generated + again);
        }

        Assert.True(Trimming.Contains(name) ? taken > all / 2 : taken == all, $"{taken} of {all}");
    }

    /// <summary>Two line breaks before a third are one token of this vocabulary, and <c>Some</c> is another.</summary>
    [Fact]
    public void An_answer_that_would_merge_with_its_prompt_keeps_its_own_tokens()
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf("smollm2");
        var question = new Turn(Roles.User, "Why?", Loss: false);
        var asked = renderer.Ask([question]);
        string[] pieces = ["\n", "\n", "So", "me", renderer.StopToken];
        int[] ids = [.. pieces.SelectMany(piece => tokenizer.Encode(piece))];
        var whole = tokenizer.Encode(tokenizer.Decode([.. asked, .. ids]));
        Assert.False(whole.AsSpan().StartsWith(asked));

        var document = Assert.Single(renderer.Render(new Conversation("id", "none", [question, Said(tokenizer, "\n\nSome", ids)])));

        Assert.Equal([.. asked, .. ids], document.Tokens[..(asked.Length + ids.Length)]);
    }

    [Theory]
    [InlineData("no end token", "ab", new[] { 97, 98 }, new[] { 97, 98, 257 }, true)]
    [InlineData("another end token", "ab", new[] { 97, 98, 256 }, new[] { 97, 98, 257 }, true)]
    [InlineData("cut at a stop string", "ab", new[] { 97, 98, 10, 79, 98 }, new[] { 97, 98, 257 }, true)]
    [InlineData("half a character behind the cut", "ab", new[] { 97, 98, 0xC3 }, new[] { 97, 98, 257 }, true)]
    [InlineData("broken characters", "a\uFFFD", new[] { 97, 0xC3, 257 }, new[] { 97, 0xC3, 257 }, true)]
    [InlineData("another text", "ac", new[] { 97, 98, 257 }, new[] { 97, 99, 257 }, false)]
    [InlineData("a longer text", "abc", new[] { 97, 98, 257 }, new[] { 97, 98, 99, 257 }, false)]
    [InlineData("a special token within", "ab", new[] { 97, 256, 98, 257 }, new[] { 97, 98, 257 }, false)]
    [InlineData("no token", "ab", new[] { 97, 98, 999, 257 }, new[] { 97, 98, 257 }, false)]
    public void An_answer_has_its_tokens_up_to_where_they_say_its_text(
        string what, string text, int[] ids, int[] expected, bool isGenerated)
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf("bytes");

        var document = Assert.Single(
            renderer.Render(new Conversation("id", "none", [new Turn(Roles.User, "?", Loss: false), Said(tokenizer, text, ids)])));

        Assert.True(expected.AsSpan().SequenceEqual(Learned(document)), what);
        Assert.Equal(isGenerated ? new AnswerSources(1, 0, 0, 0) : new AnswerSources(0, 0, 1, 0), document.Sources);
        var known = document.LogProbabilities?.Count(number => !float.IsNaN(number)) ?? 0;
        Assert.Equal(isGenerated ? expected.Zip(ids).TakeWhile(pair => pair.First == pair.Second).Count() : 0, known);
    }

    [Fact]
    public void Ids_of_another_tokenizer_are_not_used()
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf("bytes");
        var turn = Said(tokenizer, "ab", [97, 98, 257]);
        turn = turn with { Generated = new GeneratedTokens("another", turn.Generated!.Ids, turn.Generated.LogProbabilities) };

        var document = Assert.Single(renderer.Render(new Conversation("id", "none", [new Turn(Roles.User, "?", Loss: false), turn])));

        Assert.Equal(new AnswerSources(0, 1, 0, 0), document.Sources);
        Assert.Null(document.LogProbabilities);
    }

    [Fact]
    public void Log_probabilities_stand_beside_the_labels_and_are_cut_with_them()
    {
        var (renderer, tokenizer) = InferenceTokensTests.RendererOf("bytes");

        var document = Assert.Single(renderer.Render(
            new Conversation("id", "none", [new Turn(Roles.User, "?", Loss: false), Said(tokenizer, "ab", [97, 98, 257])])));

        var first = Array.FindIndex(document.Labels, label => label != TokenizedDocument.IgnoreLabel);
        Assert.Equal([-97, -98, -257], document.LogProbabilities![first..(first + 3)]);
        Assert.All(document.LogProbabilities[..first], number => Assert.True(float.IsNaN(number)));
        Assert.Equal(document.LogProbabilities[..(first + 1)], document.Truncate(first + 1).LogProbabilities);
    }

    /// <summary>A turn of random tokens, between those that the template writes around a turn's text.</summary>
    private static Turn Generate(ConversationRenderer renderer, Tokenizer tokenizer, IReadOnlyList<Turn> before, Random random)
    {
        var probe = renderer.Render(new Conversation("probe", "none", [.. before, new Turn(Roles.Assistant, Probe, Loss: true)]))[^1];
        var asked = renderer.Ask(before).Length;
        var frame = tokenizer.Decode(probe.Tokens.AsSpan(asked - 1, Learned(probe, asked).Length + 1))[
            tokenizer.Decode([probe.Tokens[asked - 1]]).Length..].Split(Probe);
        var added = tokenizer.AddedTokens.Select(token => token.Id).ToHashSet();
        int[] drawn =
        [
            .. Enumerable.Range(0, random.Next(3, 12)).Select(_ => random.Next(tokenizer.VocabularySize)).Where(id => !added.Contains(id)),
        ];
        var opening = Tokens(tokenizer, frame[0]);
        return Said(
            tokenizer,
            tokenizer.Decode([.. opening, .. drawn])[tokenizer.Decode(opening).Length..],
            [.. opening, .. drawn, .. Tokens(tokenizer, frame[1])]);
    }

    /// <summary>The tokens of a text that is behind another: of SentencePiece, a blank's without the one that opens a text.</summary>
    private static int[] Tokens(Tokenizer tokenizer, string text) =>
        text.StartsWith(' ') && tokenizer.TryGetId("▁", out var blank) ? [blank, .. tokenizer.Encode(text[1..])] : tokenizer.Encode(text);

    private static Turn Said(Tokenizer tokenizer, string text, int[] ids) => new(Roles.Assistant, text, Loss: true)
    {
        Generated = new GeneratedTokens(tokenizer.Fingerprint, ids, [.. ids.Select(id => (float)-id)]),
    };

    /// <summary>Whether a document goes on from what was asked with the tokens, and learns all of them.</summary>
    /// <param name="mayBeCut">Whether the answer may end before the tokens do.</param>
    private static bool Holds(TokenizedDocument document, int[] asked, GeneratedTokens generated, bool mayBeCut)
    {
        if (!document.Tokens.AsSpan().StartsWith(asked) || document.Labels[asked.Length - 1] != TokenizedDocument.IgnoreLabel
            || document.LogProbabilities is not { } known)
        {
            return false;
        }

        var learned = Learned(document, asked.Length);
        var same = learned.AsSpan().CommonPrefixLength([.. generated.Ids]);
        return (same == generated.Ids.Count || (mayBeCut && same == learned.Length - 1))
            && document.Tokens.AsSpan(asked.Length).StartsWith(learned)
            && known.AsSpan(asked.Length).StartsWith([.. generated.LogProbabilities.Take(same)]);
    }

    private static int[] Learned(TokenizedDocument document, int start) =>
        [.. document.Labels.Skip(start).TakeWhile(label => label != TokenizedDocument.IgnoreLabel)];

    /// <summary>Whether two documents learn the same answer at a place.</summary>
    private static bool HaveSameAnswer(TokenizedDocument document, TokenizedDocument other, int start)
    {
        var answer = Learned(document, start);
        return answer.Length > 0 && other.Labels.AsSpan(Math.Min(start, other.Labels.Length)).StartsWith(answer);
    }

    private static int[] Learned(TokenizedDocument document) =>
        [.. document.Labels.Where(label => label != TokenizedDocument.IgnoreLabel)];
}
